"""The gettext catalogues of what campaigns prints. English is the source."""

from __future__ import annotations

from pathlib import Path

from babel.support import Translations

from chassis.catalogues import compiled

FOLDER = Path(__file__).parent / "locales"
DOMAIN = "campaigns"


def translations(language: str) -> Translations:
    """The catalogue of one of `chassis.languages.LANGUAGES`."""
    return compiled(FOLDER, language, DOMAIN)
