"""From the first contribution to a second assessment: how many shops of a campaign went how far. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from services.campaigns.study.domain.outcomes import Fact
from services.campaigns.study.domain.plan import SMALL_GROUP

LATER = timedelta(days=28)
"""A second assessment sooner than that puts the first one right."""


class Step(StrEnum):
    """Each counts shops that took all of the steps before it, in this order of time."""

    REACHED = "reached"
    """Somebody contributed to it for the campaign."""
    TOLD = "told"
    """It was told that its audience grows: in its feed, or over a channel that accepted it."""
    OPENED = "opened"
    """Its people opened something of it, in the feed or by the link in a mail."""
    ASSESSED = "assessed"
    TRAINED = "trained"
    """It came to a training, asked for or not."""
    REASSESSED = "re-assessed"


class Passed(Struct, frozen=True):
    """How many shops came to a step; None stands for fewer than five, none among them."""

    step: Step
    merchants: int | None


_NEXT = {
    Step.TOLD: Fact.TOLD,
    Step.OPENED: Fact.OPENED,
    Step.ASSESSED: Fact.ASSESSMENT,
    Step.TRAINED: Fact.TRAINED,
}


def funnel(reached: Mapping[UUID, date], facts: Iterable[tuple[UUID, Fact, date]]) -> list[Passed]:
    """By the day on which each shop was first reached, and what happened to them, in any order."""
    days: dict[tuple[UUID, Fact], list[date]] = {}
    for merchant, fact, day in facts:
        days.setdefault((merchant, fact), []).append(day)
    counts = dict.fromkeys(Step, 0)
    for merchant, day in reached.items():
        for step in _steps_of(merchant, day, days):
            counts[step] += 1
    return [Passed(step, count if count >= SMALL_GROUP else None) for step, count in counts.items()]


def _steps_of(merchant: UUID, since: date, days: Mapping[tuple[UUID, Fact], list[date]]) -> Iterable[Step]:
    yield Step.REACHED
    assessed = since
    for step, fact in _NEXT.items():
        later = [day for day in days.get((merchant, fact), ()) if day >= since]
        if not later:
            return
        since = min(later)
        if step is Step.ASSESSED:
            assessed = since
        yield step
    again = max(since, assessed + LATER)
    if any(day >= again for day in days.get((merchant, Fact.ASSESSMENT), ())):
        yield Step.REASSESSED
