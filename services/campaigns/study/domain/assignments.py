"""Which units could have been in the campaign instead: what a permutation test goes through.

All of them where they are few, otherwise a draw of chance that is the same each time. The true one is always
among them, so that no p-value is ever zero (Phipson and Smyth, 2010, "Permutation p-values should never be
zero").
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

DRAWS = 1_999
"""With the true one 2,000: a p-value of 0.05 is known to within half a point."""
SEED = 20161107
_NUMBERS_AT_ONCE = 500_000

Floats = NDArray[np.float64]
Treated = NDArray[np.bool_]


def possible(units: int, treated: int) -> int:
    """How many ways there are to choose them."""
    return comb(units, treated)


def smallest_p(units: int, treated: int) -> float:
    """The smallest p-value that a two-sided test can come to.

    Where both groups have one size, each assignment has a mirror image with the same distance.
    """
    alike = 2 if units == 2 * treated else 1
    return alike / min(possible(units, treated), DRAWS + 1)


def sums_of_the_treated(columns: Floats, treated: Treated) -> Floats:
    """For each assignment, the sums of `columns` over the units that are treated in it. The true one first.

    `columns` has a row for each unit.
    """
    units, count = len(treated), int(treated.sum())
    true = columns[treated].sum(axis=0)
    if possible(units, count) <= DRAWS + 1:
        chosen = np.array([*combinations(range(units), count)])
        others = chosen[~treated[chosen].all(axis=1)]
        return np.vstack([true, columns[others].sum(axis=1)])
    chance = np.random.default_rng(SEED)
    drawn = [columns[each].sum(axis=1) for each in _draws(chance, units, count)]
    return np.vstack([true, *drawn])


def _draws(chance: np.random.Generator, units: int, count: int) -> Iterator[NDArray[np.intp]]:
    """A row for each draw, with the units that it treats; some at a time, for there may be many units."""
    at_once = max(1, _NUMBERS_AT_ONCE // units)
    for done in range(0, DRAWS, at_once):
        numbers = chance.random((min(at_once, DRAWS - done), units))
        yield np.argpartition(numbers, count - 1, axis=1)[:, :count]
