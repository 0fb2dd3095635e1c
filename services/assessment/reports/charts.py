"""Bar charts as they are drawn on paper: one series, its values at its bars, in shades that print in grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reportlab.graphics.charts.barcharts import BarChart, HorizontalBarChart, VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

_FILL, _LINE = HexColor("#3a6ea5"), HexColor("#777777")
_LONGEST_LABEL = 44
"""Characters; the table below has the whole text."""
_WIDTH = 176 * mm

Number = Callable[[float], str]
"""As the reader's language writes it."""


def columns(labels: Sequence[str], values: Sequence[float], font: str, number: Number) -> Drawing:
    """Upright bars, for what has an order of its own: classes, years."""
    drawing = Drawing(_WIDTH, 46 * mm)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 4 * mm, 8 * mm, _WIDTH - 8 * mm, 32 * mm
    _fill(chart, labels, values, font, number)
    chart.barLabels.nudge = 6
    drawing.add(chart)
    return drawing


def bars(labels: Sequence[str], values: Sequence[float], font: str, number: Number) -> Drawing:
    """Lying bars with room for their names, the first one on top."""
    height = (6 * len(labels) + 4) * mm
    drawing = Drawing(_WIDTH, height)
    chart = HorizontalBarChart()
    chart.x, chart.y, chart.width, chart.height = 82 * mm, 2 * mm, _WIDTH - 96 * mm, height - 4 * mm
    _fill(chart, [*map(_short, reversed(labels))], [*reversed(values)], font, number)
    chart.categoryAxis.labels.boxAnchor = "e"
    chart.barLabels.nudge = 12
    drawing.add(chart)
    return drawing


def _fill(chart: BarChart, labels: Sequence[str], values: Sequence[float], font: str, number: Number) -> None:
    chart.data = [tuple(values)]
    chart.categoryAxis.categoryNames = [*labels]
    chart.valueAxis.valueMin = 0
    chart.valueAxis.valueMax = max(*values, 1)
    chart.valueAxis.visible = False
    chart.categoryAxis.strokeColor = _LINE
    chart.bars[0].fillColor, chart.bars[0].strokeColor = _FILL, None
    chart.barLabelFormat = number
    for each in (chart.categoryAxis.labels, chart.barLabels):
        each.fontName, each.fontSize = font, 7


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
