"""Did it work? What happened, first; an effect only where the data can carry one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from msgspec import Struct

from services.campaigns.study.domain.assignments import Floats, Treated
from services.campaigns.study.domain.effect import (
    LEVEL,
    Effect,
    can_be_tested,
    effect,
    placebo,
    units_needed,
)
from services.campaigns.study.domain.outcomes import Outcome
from services.campaigns.study.domain.plan import SMALL_GROUP, StudyPlan


class Verdict(StrEnum):
    """In the order in which they are asked; the first that holds is given."""

    NOT_FIXED = "not-fixed"
    """Nothing was said beforehand, and nothing is picked afterwards."""
    SOLICITED = "solicited"
    """The campaign itself asks for it."""
    TOO_EARLY = "too-early"
    """The weeks of the plan are not over."""
    TOO_FEW = "too-few-data"
    PARTED_BEFORE = "parted-before"
    """Both groups went apart before it began: what came after cannot be laid at its door."""
    ROSE = "rose"
    FELL = "fell"
    NOT_SHOWN = "not-shown"
    """It may have had an effect smaller than these data can show, or none."""


class Panel(Struct, frozen=True):
    """What was counted of an outcome: a row for each shop, a column for each week of the plan."""

    counts: Floats
    treated: Treated
    units: Sequence[str]
    """By shop, what was chosen as a whole."""


class Group(Struct, frozen=True):
    """What happened to the shops of one group; nothing is said of fewer than five."""

    merchants: int | None
    units: int | None
    weekly: list[int] | None
    """Together, by week: those before, then those from the start on that are over."""


class Takes(Struct, frozen=True):
    """What it would take to know; None where there is enough of it."""

    merchants: int | None = None
    """In each group."""
    counted: int | None = None
    """In both groups, over all weeks."""
    units: int | None = None
    """Districts, kinds or shops, half of them with the campaign."""


class Answer(Struct, frozen=True):
    """About one outcome."""

    outcome: Outcome
    verdict: Verdict
    campaign: Group
    comparison: Group
    effect: Effect | None = None
    placebo: Effect | None = None
    takes: Takes | None = None


LEAST_UNITS = 8
"""Four against four: no fewer, halved, can reach a p-value of 0.05."""


def answered(outcome: Outcome, plan: StudyPlan, panel: Panel, weeks_over: int, *, solicited: bool) -> Answer:
    """What can be said of an outcome once so many weeks from the start on are over."""
    shown = panel.counts[:, : plan.weeks_before + weeks_over]
    own = _group(shown, panel, of=panel.treated)
    others = _group(shown, panel, of=~panel.treated)
    if solicited:
        return Answer(outcome, Verdict.SOLICITED, own, others)
    if weeks_over < plan.weeks_after:
        return Answer(outcome, Verdict.TOO_EARLY, own, others)
    by_unit, treated = _units(panel)
    takes = _lacking(plan, panel, treated)
    if takes != Takes():
        return Answer(outcome, Verdict.TOO_FEW, own, others, takes=takes)
    before, after = by_unit[:, : plan.weeks_before], by_unit[:, plan.weeks_before :]
    tried = placebo(before, treated)
    found = effect(before, after, treated)
    if tried.p <= LEVEL:
        return Answer(outcome, Verdict.PARTED_BEFORE, own, others, placebo=tried)
    return Answer(outcome, _verdict(found), own, others, found, tried, _more(plan, found, len(treated)))


def _verdict(found: Effect) -> Verdict:
    if found.p > LEVEL:
        return Verdict.NOT_SHOWN
    return Verdict.ROSE if found.estimate > 0 else Verdict.FELL


def _more(plan: StudyPlan, found: Effect, units: int) -> Takes | None:
    """How many units would show the smallest rise that matters, where these would not."""
    worth = found.expected * plan.worth_percent / 100
    if found.p <= LEVEL or found.detectable <= worth:
        return None
    return Takes(units=units_needed(units, found.detectable, worth)) if worth > 0 else Takes()


def _lacking(plan: StudyPlan, panel: Panel, treated: Treated) -> Takes:
    fewest = min(int(panel.treated.sum()), int((~panel.treated).sum()))
    with_it = int(treated.sum())
    testable = can_be_tested(with_it, len(treated) - with_it)
    return Takes(
        merchants=plan.least_merchants if fewest < plan.least_merchants else None,
        counted=plan.least_counted if panel.counts.sum() < plan.least_counted else None,
        units=None if testable else LEAST_UNITS,
    )


def _group(counts: Floats, panel: Panel, of: Treated) -> Group:
    merchants = int(of.sum())
    if merchants < SMALL_GROUP:
        return Group(None, None, None)
    units = len({unit for unit, is_in in zip(panel.units, of, strict=True) if is_in})
    return Group(merchants, units, [int(each) for each in counts[of].sum(axis=0)])


def _units(panel: Panel) -> tuple[Floats, Treated]:
    """The mean of each unit's shops by week, and whether it had the campaign."""
    keys = [*zip(panel.treated.tolist(), panel.units, strict=True)]
    each = sorted(set(keys))
    place = {key: row for row, key in enumerate(each)}
    of = np.array([place[key] for key in keys], dtype=np.intp)
    sums = np.zeros((len(each), panel.counts.shape[1]))
    np.add.at(sums, of, panel.counts)
    sizes = np.bincount(of, minlength=len(each))[:, np.newaxis]
    return sums / np.maximum(sizes, 1), np.array([treated for treated, _ in each], dtype=np.bool_)
