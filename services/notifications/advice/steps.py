"""What the recommended steps are called. Their explanations stay with the assessment."""

from __future__ import annotations

from chassis.catalogues import translatable as _
from services.notifications.languages import translations

STEPS: dict[str, str] = {
    "claim-google-profile": _("Take charge of your Google profile"),
    "free-visibility-tools": _("Get listed where it is free"),
    "seo-basics": _("Learn the basics of being found by search engines"),
    "e-reputation-watch": _("Take ten minutes a week to read your reviews"),
    "answer-reviews": _("Answer reviews, in two sentences"),
    "fair-reviews": _("Ask everybody for a review, and promise nothing"),
    "customer-file": _("Begin a customer file, with their consent"),
    "first-newsletter": _("Send your customers a first letter"),
    "simple-website": _("Give yourself a web page of your own"),
    "website-refresh": _("Refresh your website, the telephone first"),
    "order-and-book": _("Let customers order or book from a distance"),
    "social-first-steps": _("Choose one social network, only one, and post once a week"),
    "digital-payment": _("Offer an electronic payment"),
    "security-basics": _("Bring your data and accounts to safety"),
    "training": _("Come to a session near you"),
}
"""By the key that AssessmentCompleted carries."""


def step_name(key: str, language: str) -> str | None:
    """The step in that language; None for a key this version does not know."""
    name = STEPS.get(key)
    return translations(language).ugettext(name) if name else None
