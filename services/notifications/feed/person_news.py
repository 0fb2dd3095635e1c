"""News for single people in words: each function gives title and text of one kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from babel.support import Translations

from chassis.catalogues import translatable as _
from services.notifications.growth.words import counted
from services.notifications.languages import long_day, number
from services.notifications.people.domain import AUTHOR, WITHDRAWN, has_lost
from services.notifications.people.grounds import TAKEN_BACK, ground_in_words

Said = tuple[str, str]
_REASON = _("The reason: {ground}")
_NOTICED = _("What an automatic rule noticed: {ground}")
"""Not a reason yet: a word of a list is no insult in every mouth."""


def held(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """To the author, of what the screening asks to have looked at; that a rule did is part of the reasons."""
    title = catalogue.ugettext("Your contribution is waiting to be checked")
    if data["was_public"]:
        said = catalogue.ugettext(
            "It is not shown for now: somebody at your town will look at it, and then decide."
        )
    else:
        said = catalogue.ugettext(
            "It is not public yet: somebody at your town will look at it, and then decide."
        )
    by_rule = catalogue.ugettext("A rule can be wrong, and nobody has decided anything yet.")
    afterwards = catalogue.ugettext(
        "You will be told what is decided. If it is removed and you disagree, you may ask for a second "
        "decision by somebody else."
    )
    return title, _joined(said, *_why(data["grounds"], language, catalogue, _NOTICED), by_rule, afterwards)


def decision(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """To the author, of a first decision."""
    if data["outcome"] == "removed":
        title = catalogue.ugettext("What you contributed was removed")
        said = catalogue.ugettext("Somebody at your town has looked at it and took it down.")
    else:
        title = catalogue.ugettext("What you contributed is public")
        said = catalogue.ugettext("Somebody at your town has looked at it: it is there for everybody to see.")
    return title, _joined(said, *_why([data["ground"]], language, catalogue), *_way_out(data, catalogue))


def report_decided(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """To who reported it, of a first decision; or that there will be none."""
    if data["outcome"] == WITHDRAWN:
        title = catalogue.ugettext("What you reported was taken back")
        return title, catalogue.ugettext(TAKEN_BACK)
    if data["outcome"] == "removed":
        title = catalogue.ugettext("What you reported was removed")
        said = catalogue.ugettext("Somebody at your town has looked at it and took it down. Thank you.")
    else:
        title = catalogue.ugettext("What you reported stays")
        said = catalogue.ugettext("Somebody at your town has looked at it and left it where it is.")
    return title, _joined(said, *_why([data["ground"]], language, catalogue), *_way_out(data, catalogue))


def appeal_decided(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """To either side, of a second decision: one's own appeal, or that of the other side."""
    if data["appellant"] == data["side"]:
        title = catalogue.ugettext("Your appeal is decided")
    elif data["side"] == AUTHOR:
        title = catalogue.ugettext("A second decision about what you contributed")
    else:
        title = catalogue.ugettext("A second decision about what you reported")
    is_public = data["outcome"] == "published"
    if data["side"] == AUTHOR and is_public:
        said = catalogue.ugettext("Somebody else looked at it: what you contributed is public.")
    elif data["side"] == AUTHOR:
        said = catalogue.ugettext("Somebody else looked at it: what you contributed is not public.")
    elif is_public:
        said = catalogue.ugettext("Somebody else looked at it: what you reported is public.")
    else:
        said = catalogue.ugettext("Somebody else looked at it: what you reported is public no more.")
    return title, _joined(said, *_why([data["ground"]], language, catalogue), *_way_out(data, catalogue))


def review_answered(_data: Mapping[str, Any], _language: str, catalogue: Translations) -> Said:
    return (
        catalogue.ugettext("A shop has answered your review"),
        catalogue.ugettext("Its answer stands below your review, for everybody to read."),
    )


def thanks(data: Mapping[str, Any], language: str, catalogue: Translations) -> Said:
    """With what came of it in that week, as counts; what there is none of is not named."""
    week = long_day(date.fromisoformat(data["week"]), language)
    came = [
        of(catalogue, data[name], language).format(count=number(data[name], language))
        for name, of in _CAME.items()
        if data.get(name)  # what an earlier version kept has fewer
    ]
    said = [catalogue.ugettext("In the week from {day}:").format(day=week), ", ".join(came) + "."]
    return catalogue.ugettext("What came of what you did"), _joined(*said, catalogue.ugettext("Thank you."))


_CAME: Mapping[str, Callable[[Translations, int, str], str]] = {
    "contributions": lambda _, n, language: counted("contribution", n, language),
    "answers": lambda said, n, _: str(
        said.ungettext(
            "{count} answer of a shop to your reviews", "{count} answers of shops to your reviews", n
        )
    ),
    "photos_reused": lambda said, n, _: str(
        said.ungettext(
            "{count} photo of yours that a shop uses now", "{count} photos of yours that shops use now", n
        )
    ),
    "visits": lambda said, n, _: str(
        said.ungettext("{count} visit by your links", "{count} visits by your links", n)
    ),
    "claims": lambda said, n, _: str(
        said.ungettext(
            "{count} shop for which you had done something has an account now",
            "{count} shops for which you had done something have an account now",
            n,
        )
    ),
}


def _why(
    grounds: Sequence[str], language: str, catalogue: Translations, introduced: str = _REASON
) -> list[str]:
    said = [words for words in (ground_in_words(each, language) for each in grounds) if words]
    return [catalogue.ugettext(introduced).format(ground=" ".join(said))] if said else []


def _way_out(data: Mapping[str, Any], catalogue: Translations) -> list[str]:
    """How to object, for the side that lost."""
    if not has_lost(data):
        return []
    if data["appellant"] == data["side"]:
        return [
            catalogue.ugettext(
                "It is not looked at again here. You may still turn to a certified body for out-of-court "
                "disputes, or to a court."
            )
        ]
    return [
        catalogue.ugettext(
            "If you disagree, you may ask once, within six months and for free, for a second decision "
            "by somebody else."
        )
    ]


def _joined(*parts: str) -> str:
    return " ".join(parts)
