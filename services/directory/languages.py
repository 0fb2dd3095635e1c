"""The languages people are written to in, and their gettext catalogues. English is the source."""

from __future__ import annotations

from pathlib import Path

from babel.support import Translations

from chassis.catalogues import compiled

LANGUAGES: tuple[str, ...] = ("fr", "nl", "de", "en")
"""The first one is spoken where nothing else is known."""
FOLDER = Path(__file__).parent / "locales"
DOMAIN = "directory"


def translations(language: str) -> Translations:
    """The catalogue of one of LANGUAGES. Raises KeyError for others."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return compiled(FOLDER, language, DOMAIN)
