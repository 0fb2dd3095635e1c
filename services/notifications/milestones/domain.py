"""Thresholds an audience can reach."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

_FIRST = (1, 5, 10, 25, 50, 100, 250, 500)
LARGEST = 10**9


def _thresholds() -> Iterator[int]:
    """Close together where every contribution counts, then 1, 2.5 and 5 of each power of ten."""
    yield from _FIRST
    power = 1_000
    while power <= LARGEST:
        yield from (power, power * 5 // 2, power * 5)
        power *= 10


THRESHOLDS: tuple[int, ...] = tuple(_thresholds())


def crossed(before: int, after: int) -> tuple[int, ...]:
    """The thresholds above `before` that `after` reaches, in rising order; none when the count falls."""
    return THRESHOLDS[bisect_right(THRESHOLDS, before) : bisect_right(THRESHOLDS, after)]
