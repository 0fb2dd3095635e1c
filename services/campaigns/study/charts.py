"""Lines over weeks as they are drawn on paper, told apart in grey, too: one is full, the other broken."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing, Line, String
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

WIDTH, _HEIGHT = 176 * mm, 48 * mm
_LOOKS = ((HexColor("#3a6ea5"), None), (HexColor("#777777"), (4, 2)))


def lines(
    labels: Sequence[str], series: Sequence[Sequence[float]], names: Sequence[str], font: str
) -> Drawing:
    """Two at most, over the same weeks, with their names above."""
    drawing = Drawing(WIDTH, _HEIGHT)
    chart = HorizontalLineChart()
    chart.x, chart.y, chart.width, chart.height = 10 * mm, 8 * mm, WIDTH - 14 * mm, _HEIGHT - 18 * mm
    chart.data = [tuple(each) for each in series]
    step = -(-len(labels) // 20)
    chart.categoryAxis.categoryNames = [
        each if place % step == 0 else "" for place, each in enumerate(labels)
    ]
    chart.valueAxis.valueMin = 0
    chart.valueAxis.valueMax = max(1.0, *(max(each) for each in series)) * 1.05
    for axis in (chart.categoryAxis, chart.valueAxis):
        axis.labels.fontName, axis.labels.fontSize = font, 7
    for place, (colour, dashes) in enumerate(_LOOKS[: len(series)]):
        chart.lines[place].strokeColor, chart.lines[place].strokeDashArray = colour, dashes
        chart.lines[place].strokeWidth = 1.5
        x, y = (10 + 60 * place) * mm, _HEIGHT - 5 * mm
        drawing.add(Line(x, y, x + 8 * mm, y, strokeColor=colour, strokeDashArray=dashes, strokeWidth=1.5))
        drawing.add(String(x + 10 * mm, y - 2, names[place], fontName=font, fontSize=7))
    drawing.add(chart)
    return drawing
