"""The languages merchants are written to in, and their gettext catalogues."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.support import Translations

from chassis.catalogues import compiled

LANGUAGES: tuple[str, ...] = ("fr", "nl", "de", "en")
"""The first one is spoken where nothing else is known."""
FOLDER = Path(__file__).parent / "locales"
DOMAIN = "notifications"
LOCAL = ZoneInfo("Europe/Brussels")
"""Whose days and clocks people read."""
_LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "de": "de_BE", "en": "en_GB"}
"""As numbers and dates are written on the pages: plain `en` is American, with 7:00 PM and the month first."""


def translations(language: str) -> Translations:
    """The catalogue of one of LANGUAGES. Raises KeyError for others."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return compiled(FOLDER, language, DOMAIN)


def language_or_default(language: str | None) -> str:
    """`language` where it is one of ours, else the first one."""
    return language if language in LANGUAGES else LANGUAGES[0]


@lru_cache(maxsize=4096)
def number(count: float, language: str) -> str:
    """As it is written there. Digests are full of the same small ones, and the library is slow."""
    return str(format_decimal(count, locale=_LOCALES[language]))


@lru_cache(maxsize=512)
def short_day(day: date, language: str) -> str:
    """Day and month as they are written there: "17 nov."."""
    return str(format_date(day, "d MMM", locale=_LOCALES[language]))


def long_day(day: date, language: str) -> str:
    """ "17 novembre 2026"; of a moment the day that it is in Belgium."""
    local = day.astimezone(LOCAL) if isinstance(day, datetime) and day.tzinfo else day
    return str(format_date(local, "long", locale=_LOCALES[language]))


def clock(moment: datetime, language: str) -> str:
    """What clocks in Belgium show then: "19:00"."""
    return str(format_time(moment.astimezone(LOCAL), "short", locale=_LOCALES[language]))


def last_day(end: datetime, language: str) -> str:
    """The day that ends then, or in which it lies: what is over at midnight is over with the day before."""
    return long_day(end - timedelta(milliseconds=1), language)


def is_midnight(moment: datetime) -> bool:
    """Whether a day begins then in Belgium."""
    local = moment.astimezone(LOCAL)
    return (local.hour, local.minute) == (0, 0)
