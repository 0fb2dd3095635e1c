"""Texts as they are compared: Latin letters without accents, in lower case, words apart by one space.

Folded here and not in the database: a collation, a dictionary of `unaccent` or a locale of the server would
each fold differently on another machine, and the text of a row would no longer match that of a question.
"""

import re

from anyascii import anyascii

_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['’`´]")
MOST_WORDS = 8
"""Of a question: what follows narrows nothing that a person could still mean."""


def folded(text: str) -> str:
    """`Crêperie d'Élise` → `creperie d elise`; Greek, Cyrillic or Arabic letters as Latin ones."""
    apart = _APOSTROPHES.sub(" ", text)
    latin = apart if apart.isascii() else anyascii(apart)
    return _BETWEEN_WORDS.sub(" ", latin.lower()).strip()


def words_of(question: str) -> list[str]:
    """The words a search is about, each once: those of a single letter only where there are no others."""
    words = list(dict.fromkeys(folded(question).split()))
    return ([word for word in words if len(word) > 1] or words)[:MOST_WORDS]
