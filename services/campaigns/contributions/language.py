"""Tells the language a review is written in: one of the country's, or that of some neighbours and visitors.

The latter are told so that what is in none of the country's is not taken for the nearest of them.

The model costs some 70 MB and most of a second to load, so it is loaded when the first text needs it, in a
thread; a process that never sees one does without.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

LANGUAGES = ("fr", "nl", "de", "en")
_OTHERS = ("es", "it", "pt", "tr", "pl", "ro", "ru", "uk", "ar", "bg", "sq", "el", "zh", "ja", "hu", "cs")
LEAST_CONFIDENCE = 0.6
"""Below that ("top", "ok", an emoji) the language stays unknown: a guess would be shown as a fact."""
ENOUGH_CHARACTERS = 600
_loading = asyncio.Lock()


async def language_of(text: str) -> str | None:
    """One of LANGUAGES, or None where the text does not tell."""
    spoken = await recognised(text)
    return spoken if spoken in LANGUAGES else None


async def recognised(text: str) -> str | None:
    """One of LANGUAGES, another one, or None where the text does not tell."""
    if not any(character.isalpha() for character in text):
        return None
    if not _identifier.cache_info().currsize:
        async with _loading:
            await asyncio.to_thread(_identifier)
    language: str | None = _identifier().classify(text[:ENOUGH_CHARACTERS])[0]
    return language if language in LANGUAGES + _OTHERS else None


@cache
def _identifier() -> Any:
    from numpy import ascontiguousarray
    from py3langid import langid

    identifier = langid.LanguageIdentifier.from_model_file(
        langid.MODEL_FILE, norm_probs=True, min_confidence=LEAST_CONFIDENCE
    )
    identifier.set_languages(LANGUAGES + _OTHERS)
    identifier._full_model = None  # the other 122 languages: 24 MB
    # The scores of a feature side by side: a text is some hundred features, each read in one place.
    identifier.nb_ptc = ascontiguousarray(identifier.nb_ptc)
    return identifier
