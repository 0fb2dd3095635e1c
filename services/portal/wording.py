"""The pages' words in four languages, from the gettext catalogues in locales/.

English is the source.
"""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis import catalogues
from services.portal.opening_words import opening_words

LANGUAGES = ("fr", "nl", "de", "en")
"""The first is spoken where a reader wishes for none of them."""
SOURCE = "en"
DOMAIN = "portal"
FOLDER = Path(__file__).parent
_LOCAL = ZoneInfo("Europe/Brussels")
_LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "de": "de_BE", "en": "en_GB"}


def catalogue_path(language: str) -> Path:
    return catalogues.catalogue_path(FOLDER / "locales", language, DOMAIN)


def translations(language: str) -> NullTranslations:
    """The compiled catalogue. Raises babel's PoFileError where it cannot be read."""
    if language == SOURCE:
        return NullTranslations()
    return catalogues.compiled(FOLDER / "locales", language, DOMAIN)


@cache
def environment(language: str) -> Environment:
    """Templates that speak `language`; times in them are those of Belgium."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    locale = _LOCALES[language]
    made.filters["parsed"] = datetime.fromisoformat
    made.filters["day"] = lambda at: format_date(_local(at), "long", locale=locale)
    made.filters["moment"] = lambda at: format_datetime(_local(at), "d MMMM yyyy, HH:mm", locale=locale)
    made.filters["minute"] = lambda at: format_time(_local(at), "HH:mm", locale=locale)
    made.filters["clock"] = lambda at: format_time(_local(at), "HH:mm:ss", locale=locale)
    made.filters["atom"] = _rfc_3339
    made.filters["hours"] = lambda notation, words: opening_words(notation, locale, words)
    made.filters["number"] = lambda number: format_decimal(number, locale=locale)
    return made


def _rfc_3339(at: date) -> str:
    """A time as feeds have it; of a day, its beginning."""
    return at.isoformat() if isinstance(at, datetime) else f"{at.isoformat()}T00:00:00Z"


def _local(at: Any) -> Any:
    """A time as clocks in Belgium show it; a day is a day."""
    return at.astimezone(_LOCAL) if isinstance(at, datetime) else at
