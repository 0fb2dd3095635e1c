"""Whether "did it work?" is answered right: 1,000 simulated campaigns of two designs, whose effect is known.

How often the 95 % interval holds the true effect, how often an effect is claimed where there is none, and how
far the estimate lies from what statsmodels comes to on the same panels, by regression on dummies of all units
and weeks. Shops differ in size, drift away from one another for good, and share each week's weather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from bench.rows import Row, compare
from services.campaigns.study.domain.assignments import Floats, Treated
from services.campaigns.study.domain.effect import Effect, effect

CAMPAIGNS = 1_000
TRUE_EFFECT = 1.0
"""Of three that a shop has in a week."""
LOWEST, HIGHEST = 0.93, 0.97
MOST_FALSE_ALARMS = 0.07
NEAREST = 1e-9
"""Rounding is all that two implementations of one estimate may differ by."""
SEED = 6


@dataclass(frozen=True)
class Design:
    """How many units, and how many of them in the campaign."""

    name: str
    units: int
    treated: int
    weeks: int = 8


SHOPS = Design("60 shops", 60, 20)
DISTRICTS = Design("12 districts", 12, 5)


@dataclass(frozen=True)
class Panel:
    """One simulated campaign."""

    before: Floats
    after: Floats
    treated: Treated


def panels(design: Design, count: int, effect_of: float) -> Iterator[Panel]:
    """Campaigns with that effect; always the same ones."""
    chance = np.random.default_rng([SEED, design.units])
    for _ in range(count):
        weeks = 2 * design.weeks
        size = chance.gamma(2.0, 1.5, (design.units, 1))
        weather = np.exp(chance.normal(0, 0.1, weeks))
        drift = np.exp(np.cumsum(chance.normal(0, 0.08, (design.units, weeks)), axis=1))
        counts = chance.poisson(size * weather * drift).astype(np.float64)
        treated = np.zeros(design.units, dtype=np.bool_)
        treated[chance.permutation(design.units)[: design.treated]] = True
        counts[treated, design.weeks :] += chance.poisson(effect_of, (design.treated, design.weeks))
        yield Panel(counts[:, : design.weeks], counts[:, design.weeks :], treated)


def estimated(of: Panel) -> Effect:
    """By the service."""
    return effect(of.before, of.after, of.treated)


def by_regression(of: Panel) -> float:
    """By statsmodels: the effect beside a level for each unit and each week."""
    counts = np.hstack([of.before, of.after])
    units, weeks = counts.shape
    of_unit = np.repeat(np.eye(units), weeks, axis=0)
    of_week = np.tile(np.eye(weeks)[:, 1:], (units, 1))
    campaign = np.outer(of.treated, np.arange(weeks) >= of.before.shape[1])
    regressors = np.column_stack([campaign.ravel().astype(np.float64), of_unit, of_week])
    return float(OLS(counts.ravel(), regressors).fit().params[0])


def by_welch(of: Panel) -> tuple[float, float]:
    """By statsmodels: the interval of Welch's t over the units' changes, another way to the same end."""
    change: NDArray[np.float64] = of.after.mean(axis=1) - of.before.mean(axis=1)
    compared = CompareMeans(DescrStatsW(change[of.treated]), DescrStatsW(change[~of.treated]))
    low, high = compared.tconfint_diff(usevar="unequal")
    return float(low), float(high)


def holds_the_truth(found: Effect) -> bool:
    """Whether the interval has it."""
    return found.lowest <= TRUE_EFFECT <= found.highest


async def rows(_rounds: int, console: Console) -> list[Row]:
    """Shares of campaigns; they are simulated once, for they are always the same."""
    found = []
    for design in (SHOPS, DISTRICTS):
        found += await asyncio.to_thread(_rows_of, design, console)
    return found


def _rows_of(design: Design, console: Console) -> list[Row]:
    drawn = [*panels(design, CAMPAIGNS, TRUE_EFFECT)]
    effects = [estimated(each) for each in drawn]
    covered = sum(map(holds_the_truth, effects)) / CAMPAIGNS
    apart = max(abs(ours.estimate - by_regression(of)) for ours, of in zip(effects, drawn, strict=True))
    alarms = sum(estimated(each).p <= 0.05 for each in panels(design, CAMPAIGNS, 0.0)) / CAMPAIGNS
    width = np.median([each.highest - each.lowest for each in effects])
    console.print(
        f"  {design.name}: the interval holds the true effect in {covered:.1%}, false alarms in {alarms:.1%},"
        f" at most {apart:.1e} from statsmodels; half of the intervals are narrower than {width:.2f}"
    )
    of = f"study of {design.name}"
    return [
        compare(f"{of}: 95 % interval, coverage", "93 %", [covered], [LOWEST], target=1.0),
        compare(f"{of}: 95 % interval, coverage", "97 %", [covered], [HIGHEST], target=1.0, better="lower"),
        compare(f"{of}: false alarms", "7 %", [alarms], [MOST_FALSE_ALARMS], target=1.0, better="lower"),
        compare(f"{of}: off statsmodels", "1e-9", [apart], [NEAREST], target=1.0, better="lower"),
    ]
