"""The languages merchants are written to in, and their gettext catalogues."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from babel.support import Translations

from chassis.catalogues import compiled

LANGUAGES: tuple[str, ...] = ("fr", "nl", "de", "en")
"""The first one is spoken where nothing else is known."""
FOLDER = Path(__file__).parent / "locales"
DOMAIN = "notifications"


def translations(language: str) -> Translations:
    """The catalogue of one of LANGUAGES. Raises KeyError for others."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return compiled(FOLDER, language, DOMAIN)


def language_or_default(language: str | None) -> str:
    """`language` where it is one of ours, else the first one."""
    return language if language in LANGUAGES else LANGUAGES[0]


@lru_cache(maxsize=4096)
def number(count: int, language: str) -> str:
    """As it is written there. Digests are full of the same small ones, and the library is slow."""
    return str(format_decimal(count, locale=language))


@lru_cache(maxsize=512)
def short_day(day: date, language: str) -> str:
    """Day and month as they are written there: "17 nov."."""
    return str(format_date(day, "d MMM", locale=language))
