"""A chart of bars, as numbers for an SVG that the server draws; its figures are in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 150
_GAP = 0.25
"""Of a bar's place, left free."""
_HEAD = 26
"""Room above the highest bar for its figure."""


@dataclass(frozen=True)
class Bar:
    """One bar, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    value: int


@dataclass(frozen=True)
class Chart:
    """Bars side by side."""

    bars: Sequence[Bar]
    width: int = WIDTH
    height: int = HEIGHT


def chart(values: Sequence[int]) -> Chart | None:
    """Bars from zero; None where all are zero: there is nothing to draw."""
    highest = max(values)
    if highest <= 0:
        return None
    place = WIDTH / len(values)
    scale = (HEIGHT - _HEAD) / highest
    return Chart(
        [
            Bar(
                x=round(number * place + place * _GAP / 2, 1),
                y=round(HEIGHT - value * scale, 1),
                width=round(place * (1 - _GAP), 1),
                height=round(value * scale, 1),
                middle=round((number + 0.5) * place, 1),
                value=value,
            )
            for number, value in enumerate(values)
        ]
    )
