"""How alike two texts are, and a few numbers by which alike ones find each other among millions. Pure.

A text is the set of its pieces of five characters; two are as alike as the share of pieces they have in
common (Jaccard). MinHash (Broder 1997) makes of each set twelve numbers, of which two sets share as large a
part as of their pieces. In four bands of three, texts that are alike to 0.6 share a band in 62 %, to 0.7 in
82 %, to 0.8 in 94 %, to 0.9 in 99.5 %; what shares one is compared in full.
"""

from __future__ import annotations

import unicodedata
import zlib
from datetime import timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

KEPT = timedelta(days=180)
"""How long a text is compared with those that come after it (docs/decisions/0047): who writes one for several
shops posts it within weeks. What a post costs depends on how many are kept."""
PIECE = 5
BANDS, ROWS = 4, 3
MOST_CHARACTERS = 1_000
"""What follows is not looked at: nobody copies an end alone, and long texts must not slow the posting."""
_PRIME = np.uint64((1 << 31) - 1)


class _Folding(dict[int, str]):
    """What becomes of each character, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = character if character.isalnum() else " "
        self[code] = "" if unicodedata.combining(character) else kept
        return self[code]


_FOLDING = _Folding()


def folded(text: str) -> str:
    """As it is compared: letters and digits alone, without case and accents, with single spaces."""
    decomposed = unicodedata.normalize("NFKD", text[:MOST_CHARACTERS]).casefold()
    return " ".join(decomposed.translate(_FOLDING).split())


def pieces(text: str) -> frozenset[str]:
    """What a folded text is made of."""
    return frozenset([text[start : start + PIECE] for start in range(max(1, len(text) - PIECE + 1))])


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0 (nothing in common) to 1 (the same)."""
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def is_copy(own: frozenset[str], other: str, similar: float) -> bool:
    """Whether a folded text is as alike as that to the one of these pieces.

    Most are not at all: it is given up as soon as more of the pieces are missing than may be.
    """
    may_miss = len(own) * (1 - similar) + 1e-9  # whatever the fraction was rounded to
    for piece in own:
        if piece not in other:
            may_miss -= 1
            if may_miss < 0:
                return False
    return likeness(own, pieces(other)) >= similar


def bands(of: frozenset[str]) -> list[int]:
    """The numbers of a text; as alike as two are, as likely they share one. Each fits a bigint."""
    encoded = "\0".join(of).encode().split(b"\0")
    hashes = np.array([*map(zlib.crc32, encoded)], np.uint64) & np.uint64(0x7FFFFFFF)
    factors, terms = _functions()
    smallest = ((factors * hashes + terms) % _PRIME).min(axis=1).reshape(BANDS, ROWS)
    return [
        int.from_bytes(bytes([number]) + zlib.crc32(row.tobytes()).to_bytes(4, "big"), "big")
        for number, row in enumerate(smallest)
    ]


@cache
def _functions() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Twelve hash functions, for ever the same: what is stored is found by them."""
    chance = np.random.default_rng(20261126)
    shape = (BANDS * ROWS, 1)
    return (
        chance.integers(1, 1 << 31, shape, dtype=np.uint64),
        chance.integers(0, 1 << 31, shape, dtype=np.uint64),
    )
