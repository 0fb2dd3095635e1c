"""What grew, and against what: weeks of a shop's audience, and its own usual week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

WEEKS = 9
"""This one, and the eight before it that it is compared with."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """Seven days that end on `last`."""

    last: date
    by_kind: Mapping[str, int]

    @property
    def first(self) -> date:
        return self.last - _WEEK + timedelta(days=1)

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())


@dataclass(frozen=True)
class Growth:
    """Weeks, the oldest first; the last one ends today."""

    weeks: list[Week]
    kinds: list[str]
    usual: float | None
    """The median of the eight weeks before; None where the shop has no audience from then."""

    @property
    def now(self) -> Week:
        return self.weeks[-1]

    @property
    def highest(self) -> int:
        return max(each.total for each in self.weeks)


def growth(days: Iterable[Mapping[str, Any]], today: date) -> Growth:
    """Of what the service counts by day and kind.

    Compared with the shop's own eight weeks, never with the last one alone: a quiet week after a good one is
    no fall.
    """
    weeks = [Counter[str]() for _ in range(WEEKS)]
    kinds: dict[str, None] = {}
    for each in days:
        ago = (today - date.fromisoformat(each["day"])).days // 7
        if 0 <= ago < WEEKS and each["count"]:
            weeks[WEEKS - 1 - ago][each["kind"]] += each["count"]
            kinds[each["kind"]] = None
    made = [Week(today - _WEEK * (WEEKS - 1 - place), dict(each)) for place, each in enumerate(weeks)]
    before = [each.total for each in made[:-1]]
    return Growth(made, sorted(kinds), float(median(before)) if any(before) else None)
