"""A shop's audience by week, for a chart and its table. What is usual is for notifications to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WEEKS = 9
"""The eight before this one, and this one so far."""


@dataclass(frozen=True)
class Week:
    """From Monday on."""

    first: date
    by_kind: Mapping[str, int]

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())


def weeks(days: Iterable[Mapping[str, Any]], kinds: Iterable[str], today: date) -> list[Week]:
    """The oldest first, of these kinds alone: others are no parts of a sum."""
    this = today - timedelta(days=today.weekday())
    counted: dict[date, Counter[str]] = {
        this - timedelta(weeks=ago): Counter() for ago in reversed(range(WEEKS))
    }
    summed = frozenset(kinds)
    for each in days:
        day = date.fromisoformat(each["day"])
        monday = day - timedelta(days=day.weekday())
        if monday in counted and each["kind"] in summed:
            counted[monday][each["kind"]] += each["count"]
    return [Week(first, dict(found)) for first, found in counted.items()]
