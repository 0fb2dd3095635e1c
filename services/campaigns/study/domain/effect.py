"""What a campaign changed: difference in differences over units and weeks. Pure, and the same each time.

A *unit* is what was put into the campaign as a whole: a district, a kind of shop, or else a single shop. Its
weeks are averaged to one figure before and one after, so that weeks that resemble each other do not count as
independent evidence (Bertrand, Duflo and Mullainathan, 2004); units alone do, however many shops are in one
(Donald and Lang, 2007; Abadie, Athey, Imbens and Wooldridge, 2023). Counts stay counts: the logarithm of one
more than zero would make the effect depend on the unit of counting (Chen and Roth, 2024).

Test and interval are one: the interval holds every effect that a permutation test with a studentised
statistic does not refuse. It is exact where units are exchangeable, right in large samples where variances
differ (Chung and Romano, 2013), and the better of its kind for few units (MacKinnon and Webb, 2020).
Decision 0027 says why.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from msgspec import Struct

from services.campaigns.study.domain.assignments import (
    Floats,
    Treated,
    smallest_p,
    sums_of_the_treated,
)

LEVEL = 0.05
POWER = 0.8
LEAST_IN_A_GROUP = 2
"""A single unit has no spread: nothing says what would have happened to another like it."""
_STEPS = 30
"""Of the search for an end of the interval: it is exact to a billionth of its width."""
_ROUNDING = 1e-9
"""Statistics closer than this are the same one, added up in another order."""


class TooFewUnits(ValueError):
    """However large the effect, no test of so few units could tell it from chance."""


class Effect(Struct, frozen=True):
    """Of the campaign, on one outcome, in counts for each shop and week."""

    estimate: float
    lowest: float
    highest: float
    """Between these two it lies, at 95 %."""
    p: float
    """How often chance alone would bring as much, were there no effect."""
    expected: float
    """What the campaign's shops would have had without it, as those outside of it went."""
    detectable: float
    """The smallest effect that these data would have shown in four cases of five."""


def can_be_tested(treated: int, others: int) -> bool:
    """Whether groups of so many units can show anything at all at this level."""
    enough = min(treated, others) >= LEAST_IN_A_GROUP
    return enough and smallest_p(treated + others, treated) <= LEVEL


def effect(before: Floats, after: Floats, treated: Treated) -> Effect:
    """Of panels with a row for each unit and a column for each week. Raises TooFewUnits."""
    count = int(treated.sum())
    if not can_be_tested(count, len(treated) - count):
        raise TooFewUnits(f"{count} and {len(treated) - count} units")
    change = after.mean(axis=1) - before.mean(axis=1)
    test = _Test(change, treated)
    lowest, highest = test.interval()
    estimate = float(change[treated].mean() - change[~treated].mean())
    return Effect(
        estimate=estimate,
        lowest=lowest,
        highest=highest,
        p=test.p(0.0),
        expected=float(before[treated].mean() + change[~treated].mean()),
        detectable=test.detectable(),
    )


def placebo(before: Floats, treated: Treated) -> Effect:
    """The same on the time before alone, as if the campaign had begun in its middle: there was none.

    Raises TooFewUnits, and ValueError for fewer than two weeks.
    """
    weeks = before.shape[1]
    if weeks < 2:
        raise ValueError("a placebo run needs two weeks before")
    return effect(before[:, : weeks // 2], before[:, weeks // 2 :], treated)


def units_needed(units: int, detectable: float, worth: float) -> int:
    """How many would show an effect of `worth`: the precision grows with the root of their number."""
    return int(np.ceil(units * (detectable / worth) ** 2))


class _Test:
    """Of each supposed effect, over all assignments at once: their sums are quadratics in it."""

    def __init__(self, change: Floats, treated: Treated) -> None:
        centred = change - change.mean()  # moves nothing, and keeps the sums of squares exact
        own = treated.astype(np.float64)
        columns = np.column_stack([centred, centred**2, own, centred * own])
        self._sums = sums_of_the_treated(columns, treated)
        self._totals = columns.sum(axis=0)
        self._treated, self._others = int(treated.sum()), int((~treated).sum())
        self._centred = centred
        self._own = treated

    def p(self, supposed: float) -> float:
        """How many of the assignments lie as far out as the true one, were that the effect."""
        distance = np.abs(self._statistics(supposed))
        return float((distance >= distance[0] * (1 - _ROUNDING)).mean())

    def interval(self) -> tuple[float, float]:
        """The effects that are not refused."""
        return self._end(-1), self._end(+1)

    def detectable(self) -> float:
        """Source: Bloom, 1995, "Minimum detectable effects", with the test's own critical value."""
        distance = np.abs(self._statistics(self._estimate()))
        critical = float(np.quantile(distance, 1 - LEVEL, method="higher"))
        return (critical + NormalDist().inv_cdf(POWER)) * self._error()

    def _estimate(self) -> float:
        return float(self._centred[self._own].mean() - self._centred[~self._own].mean())

    def _error(self) -> float:
        own, others = self._centred[self._own], self._centred[~self._own]
        return float(np.sqrt(own.var(ddof=1) / len(own) + others.var(ddof=1) / len(others)))

    def _end(self, side: int) -> float:
        """One end: far enough out to be refused, then halved towards the estimate, which never is."""
        kept, reach = self._estimate(), max(self._error(), 1e-12)
        while self.p(self._estimate() + side * reach) > LEVEL:
            reach *= 2
        refused = self._estimate() + side * reach
        for _ in range(_STEPS):
            middle = (kept + refused) / 2
            if self.p(middle) > LEVEL:
                kept = middle
            else:
                refused = middle
        return refused

    def _statistics(self, supposed: float) -> Floats:
        """Welch's t of each assignment, once `supposed` is taken from the units that had the campaign."""
        weights = np.array([supposed, supposed**2])
        sums, squares = _adjusted(self._sums, weights)
        all_sums, all_squares = _adjusted(self._totals[np.newaxis, :], weights)
        n, m = self._treated, self._others
        own, others = sums / n, (all_sums - sums) / m
        spread = np.maximum(squares - n * own**2, 0) / (n - 1) / n
        spread += np.maximum(all_squares - squares - m * others**2, 0) / (m - 1) / m
        distance = own - others
        tiny = _ROUNDING * (1 + np.abs(distance).max())
        distance[np.abs(distance) < tiny] = 0  # no difference at all, but for rounding
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(distance / np.sqrt(spread), nan=0.0, posinf=np.inf, neginf=-np.inf)


def _adjusted(sums: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Sums, and sums of squares, of what is left of the changes."""
    changed, squared, own, both = sums.T
    return changed - weights[0] * own, squared - 2 * weights[0] * both + weights[1] * own
