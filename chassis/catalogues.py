"""gettext catalogues, compiled from their .po files when they are first used: no build step can leave an old
translation behind. They are small."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations


def catalogue_path(folder: Path, language: str, domain: str) -> Path:
    """Where the catalogue of a language lies, in gettext's own order of folders."""
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


@cache
def compiled(folder: Path, language: str, domain: str) -> Translations:
    """The catalogue, ready to translate. Raises babel's PoFileError where it cannot be read."""
    with catalogue_path(folder, language, domain).open("rb") as file:
        catalogue = read_po(file, locale=language, domain=domain, abort_invalid=True)
    written = BytesIO()
    write_mo(written, catalogue)
    written.seek(0)
    return Translations(fp=written, domain=domain)


def translatable(message: str) -> str:
    """Marks a text for the catalogues where it is translated only later."""
    return message
