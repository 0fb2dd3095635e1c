"""On which grounds contributions wait, stay or go, in words. The full statement stays with campaigns."""

from __future__ import annotations

from chassis.catalogues import translatable as _
from services.notifications.languages import translations

GROUNDS: dict[str, str] = {
    "duplicate": _("The text says nearly the same as another review."),
    "link": _("The text holds a web or mail address."),
    "language": _("The language of the text was not recognised as one of the country's."),
    "burst": _("This shop got many reviews in a short time."),
    "one-device": _("Several people wrote from the same device."),
    "one-network": _("Many people wrote from the same network."),
    "tied": _("There seems to be a tie to the shop that was not declared."),
    "too-far-too-fast": _("The review before was of a shop too far away for so little time."),
    "removed-before": _("A review of this shop by the same person was removed before."),
    "reported": _("The contribution was reported."),
    "insult": _("The text insults or threatens somebody."),
    "advertising": _("This is advertising, not an opinion."),
    "no-own-experience": _("The review is not about this shop, or not about what its author lived through."),
    "organised": _("The review was commissioned, bought or copied."),
    "undeclared-tie": _("The author is tied to the shop, or to a competitor, and does not say so."),
    "personal-data": _("The text gives away somebody's personal data."),
    "illegal": _("The content is against the law (hatred or defamation, for example)."),
    "no-rule-broken": _("No rule is broken. Criticism stays, however severe."),
}
"""By the key that facts carry. `other` has no words of its own: the statement says all."""
TAKEN_BACK = _("Its author has taken it back: it is public no more, and there is nothing left to decide.")
"""What is said where nobody decides any more."""


def ground_in_words(key: str, language: str) -> str | None:
    """The ground in that language; None for one without words, or one this version does not know."""
    words = GROUNDS.get(key)
    return translations(language).ugettext(words) if words else None
