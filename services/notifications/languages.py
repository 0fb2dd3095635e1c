"""The languages merchants are written to in, and their gettext catalogues.

The catalogues are small, so they are compiled from their .po files when the process starts: no build step
can leave an old translation behind.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES: tuple[str, ...] = ("fr", "nl", "de", "en")
"""The first one is spoken where nothing else is known."""
FOLDER = Path(__file__).parent / "locales"
DOMAIN = "notifications"


def translatable(message: str) -> str:
    """Marks a text for the catalogues where it is translated only later."""
    return message


@cache
def translations(language: str) -> Translations:
    """The catalogue of one of LANGUAGES. Raises KeyError for others."""
    if language not in LANGUAGES:
        raise KeyError(language)
    with (FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled, domain=DOMAIN)


def language_or_default(language: str | None) -> str:
    """`language` where it is one of ours, else the first one."""
    return language if language in LANGUAGES else LANGUAGES[0]
