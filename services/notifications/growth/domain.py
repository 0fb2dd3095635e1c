"""What a week of a merchant's audience is compared with, and what may be said of it.

Small counts stay counts: nothing here is a percentage. A rise is called one only beyond what chance gives
(`chance.py`), and after a campaign a quieter week is no fall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from services.notifications.contributions.domain import FOLLOW, PHOTO, REVIEW, SHARE, VIDEO, VISIT
from services.notifications.growth.chance import at_least, at_most, beyond_chance

LEVEL = 0.01
"""Where nothing has changed, a merchant is told of a rise in at most one week of a hundred."""
DEEDS = (REVIEW, PHOTO, VIDEO, SHARE, FOLLOW)
"""Looked at together each week. Visits are looked at by themselves: people do not do them for a shop."""
KINDS = (*DEEDS, VISIT)
WEEKS_BEFORE = 8
FEWEST_WEEKS = 4
"""Before that a merchant's usual week is not known."""
FEWEST_PEERS = 5
"""Fewer could be told apart."""
_SHAPE = 4.0
"""Weekly rates of deeds vary by half of their mean (1/√4)."""
_SHAPE_OF_VISITS = 2.0
"""One link that is passed on brings many at once: by seven tenths (1/√2)."""

Counts = Mapping[date, Mapping[str, int]]
"""By the first day of each week, and kind; what is missing is 0."""


class Verdict(StrEnum):
    """What may be said of one count beside others."""

    RISE = "rise"
    USUAL = "usual"
    FALL = "fall"
    AFTER_CAMPAIGN = "after-campaign"
    """Quieter than usual, where usual was a campaign that is over."""
    UNKNOWN = "unknown"
    """Too little is known to say anything."""


class Beside(NamedTuple):
    """What a count is held against."""

    weeks: int
    median: float
    """Of a week."""
    total: int
    """Of all of the weeks."""
    verdict: Verdict


class Judged(NamedTuple):
    """One kind in one week."""

    kind: str
    amount: int
    own: Beside
    """The eight weeks before, as far as they are known."""
    last_year: Beside | None
    """The same week a year ago and those beside it; None where that is not known."""


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def weeks_before(week: date, known_since: date) -> list[date]:
    """The eight weeks before, without those that began before anything was known."""
    before = [week - timedelta(weeks=number) for number in range(1, WEEKS_BEFORE + 1)]
    return [each for each in before if each >= monday_of(known_since)]


def same_weeks_last_year(week: date, known_since: date) -> list[date]:
    """The same week and those beside it, 52 weeks ago; none where they are not all known."""
    weeks = [week - timedelta(weeks=number) for number in (53, 52, 51)]
    return weeks if known_since <= weeks[0] else []


def judge(counts: Counts, week: date, known_since: date, *, after_campaign: bool) -> list[Judged]:
    """Every kind of a week. `after_campaign`: one of the weeks before had a campaign that is over."""
    before, last_year = weeks_before(week, known_since), same_weeks_last_year(week, known_since)
    if len(before) < FEWEST_WEEKS:
        before = []
    own = compared(counts, week, before, after_campaign=after_campaign)
    then = compared(counts, week, last_year, after_campaign=False)
    return [
        Judged(kind, _count(counts, week, kind), own[kind], then[kind] if last_year else None)
        for kind in KINDS
    ]


def compared(
    counts: Counts, week: date, others: Sequence[date], *, after_campaign: bool
) -> dict[str, Beside]:
    """Every kind of a week beside other weeks of the same merchant, or of the same group of merchants."""
    found: dict[str, Beside] = {}
    for family, shape in ((DEEDS, _SHAPE), ((VISIT,), _SHAPE_OF_VISITS)):
        amounts = {kind: [_count(counts, each, kind) for each in others] for kind in family}
        rises, falls = _beyond_chance(
            {kind: (_count(counts, week, kind), sum(amounts[kind])) for kind in family}, len(others), shape
        )
        for kind in family:
            usual = float(median(amounts[kind])) if others else 0.0
            verdict = Verdict.UNKNOWN if not others else Verdict.USUAL
            if kind in rises:
                verdict = Verdict.RISE
            elif after_campaign and others and _count(counts, week, kind) < usual:
                verdict = Verdict.AFTER_CAMPAIGN
            elif kind in falls:
                verdict = Verdict.FALL
            found[kind] = Beside(len(others), usual, sum(amounts[kind]), verdict)
    return found


def _beyond_chance(
    pairs: Mapping[str, tuple[int, int]], weeks: int, shape: float
) -> tuple[set[str], set[str]]:
    """Which of a family rose, and which fell. Of what never happened nothing is asked."""
    asked = {kind: pair for kind, pair in pairs.items() if weeks and sum(pair)}
    rises = {kind: at_least(count, before, weeks, shape) for kind, (count, before) in asked.items()}
    falls = {kind: at_most(count, before, weeks, shape) for kind, (count, before) in asked.items()}
    return beyond_chance(rises, LEVEL), beyond_chance(falls, LEVEL)


def _count(counts: Counts, week: date, kind: str) -> int:
    return counts.get(week, {}).get(kind, 0)
