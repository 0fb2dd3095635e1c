"""The pages' words in four languages, from the gettext catalogues in locales/.

English is the source. Catalogues are compiled when the process starts: no build step can leave an old
translation behind.
"""

from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

LANGUAGES = ("fr", "nl", "de", "en")
"""The first is spoken where a reader wishes for none of them."""
SOURCE = "en"
DOMAIN = "portal"
FOLDER = Path(__file__).parent
_LOCAL = ZoneInfo("Europe/Brussels")
_LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "de": "de_BE", "en": "en_GB"}


def catalogue_path(language: str) -> Path:
    return FOLDER / "locales" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def translations(language: str) -> NullTranslations:
    """The compiled catalogue. Raises babel's PoFileError where it cannot be read."""
    if language == SOURCE:
        return NullTranslations()
    with catalogue_path(language).open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled, domain=DOMAIN)


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
    made.filters["day"] = lambda at: format_date(_local(at), "long", locale=locale)
    made.filters["clock"] = lambda at: format_time(_local(at), "HH:mm:ss", locale=locale)
    made.filters["number"] = lambda number: format_decimal(number, locale=locale)
    return made


def _local(at: datetime) -> datetime:
    return at.astimezone(_LOCAL)
