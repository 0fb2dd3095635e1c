"""What may not be in a gettext catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.pofile import read_po

from chassis.catalogues import catalogue_path


def faults_of(folder: Path, language: str, domain: str) -> list[str]:
    """The texts that are not translated, only guessed, or hold a placeholder that the source does not."""
    with catalogue_path(folder, language, domain).open("rb") as file:
        catalogue = read_po(file, locale=language)
    return [str(message.id) for message in catalogue if message.id and _is_faulty(message)]


def _is_faulty(message: object) -> bool:
    sources, said = _forms(message.id), _forms(message.string)  # type: ignore[attr-defined]
    allowed = set().union(*map(_placeholders, sources))
    unknown = any(_placeholders(text) - allowed for text in said)
    return not all(said) or unknown or message.fuzzy  # type: ignore[attr-defined]


def _forms(text: object) -> list[str]:
    """Singular and plural, or the one form there is."""
    return [str(each) for each in text] if isinstance(text, (list, tuple)) else [str(text or "")]


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"{\w+}", text))
