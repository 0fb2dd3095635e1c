"""Figures by day as a picture draws them: one column a day, none left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 720, 160
"""Of the picture, in its own units; browsers draw it as wide as there is room."""
_GAP = 0.25
"""Of the room for a column."""


@dataclass(frozen=True)
class Column:
    """One day; where it stands is in units of the picture, from its upper left corner."""

    day: date
    counted: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Series:
    """What was counted on each day, and how it is drawn."""

    columns: Sequence[Column]
    most: int
    total: int
    by_kind: Sequence[tuple[date, dict[str, int]]]
    """For the table beside it: only days on which there was something, the newest first."""


def series(counted: Iterable[tuple[date, str, int]], today: date, days: int) -> Series:
    """Of `days` days that end today; `counted` is day, kind, number. What lies outside is passed over."""
    first = today - timedelta(days=days - 1)
    kinds: dict[date, Counter[str]] = {first + timedelta(days=each): Counter() for each in range(days)}
    for day, kind, number in counted:
        if day in kinds:
            kinds[day][kind] += number
    totals = {day: each.total() for day, each in kinds.items()}
    most = max(totals.values(), default=0)
    step = WIDTH / days
    columns = [
        _column(day, number, place * step, step, most) for place, (day, number) in enumerate(totals.items())
    ]
    table = [(day, dict(each)) for day, each in reversed(kinds.items()) if each]
    return Series(columns, most, sum(totals.values()), table)


def _column(day: date, counted: int, x: float, step: float, most: int) -> Column:
    height = HEIGHT * counted / most if most else 0.0
    gap = step * _GAP
    return Column(
        day,
        counted,
        round(x + gap / 2, 1),
        round(HEIGHT - height, 1),
        round(step - gap, 1),
        round(height, 1),
    )
