"""Draws a report on paper: each chart with its table, for whoever does not see the chart.

There is nothing on it that anybody typed: all texts are ours, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from chassis.languages import labelled
from chassis.paper import BOLD, PLAIN, pdf, style
from services.assessment.reports.charts import Number, bars, columns
from services.assessment.reports.shown import ShownReport
from services.assessment.reports.words import ReportWords

_GREY = HexColor("#777777")
_NARROW, _WIDE = 24 * mm, 178 * mm
_TOGETHER = 70 * mm
"""A chart that would begin with less than that below it begins on the next page."""

Cells = Sequence[Sequence[str]]
Draw = Callable[[Sequence[str], Sequence[float], str, Number], Drawing]


def drawn(report: ShownReport, words: ReportWords) -> bytes:
    """The report as a PDF of a few pages."""
    title = words.title.into(report.language)
    return pdf(_Paper(report, words).flowables(), title, report.language)


def _text(text: str, size: float = 8, font: str = PLAIN, space: float = 0) -> Paragraph:
    return Paragraph(escape(text), style(size, font, space))


class _Paper:
    def __init__(self, report: ShownReport, words: ReportWords) -> None:
        self._report = report
        self._words = words

    def flowables(self) -> Iterator[Flowable]:
        yield from self._head()
        if not self._report.participants:
            yield _text(self._said("nothing"), 11, BOLD, 6)
        else:
            yield from self._figures()
        yield from self._regional()
        yield from self._foot()

    def _said(self, word: str) -> str:
        return self._words.said(word, self._report.language)

    def _pair(self, word: str, value: object) -> str:
        return labelled(self._said(word), value, self._report.language)

    def _number(self, value: float | None) -> str:
        shown = "–" if value is None else f"{value:g}"
        return shown if self._report.language == "en" else shown.replace(".", ",")

    def _head(self) -> Iterator[Flowable]:
        report = self._report
        yield _text("CoCoCity", 10, BOLD, 2)
        yield _text(self._said("title"), 17, BOLD, 4)
        months = " – ".join(dict.fromkeys(each for each in (report.first_month, report.last_month) if each))
        yield _text(self._pair("period", months or self._said("always")), 9)
        where = self._pair("cities", len(report.cities))
        yield _text(self._said("session") if report.session else where, 9)
        form = f"{report.questionnaire}.v{report.version}"
        also = f" + {report.along_with}" if report.along_with else ""
        yield _text(self._pair("form", f"{form}{also}"), 9, space=4)
        if report.over:
            questions = "; ".join(each.text for each in report.over)
            yield _text(self._pair("over", questions), 7, space=4)

    def _figures(self) -> Iterator[Flowable]:
        report, number = self._report, self._number
        shares = {
            name: getattr(report, name)
            for name in ("share_50_or_more", "share_above_70", "asked_for_training")
        }
        yield _table([
            (self._said("participants"), str(report.participants), ""),
            (self._said("sessions"), str(report.sessions), ""),
            (self._said("mean"), number(report.mean), ""),
            *(
                (self._said(name), str(share.count), f"{number(share.percent)} %")
                for name, share in shares.items()
                if name != "asked_for_training" or not report.along_with
            ),
        ], heading=False)  # fmt: skip
        classes = [f"{each.lowest}–{each.highest}" for each in report.distribution]
        yield from self._chart(
            "distribution",
            columns,
            (classes, [each.count for each in report.distribution]),
            (self._said("score"), self._said("count")),
            [(name, str(each.count)) for name, each in zip(classes, report.distribution, strict=True)],
        )
        yield from self._chart(
            "dimensions",
            bars,
            ([each.text for each in report.dimensions], [each.mean for each in report.dimensions]),
            (self._said("dimension"), self._said("answered"), self._said("mean")),
            [(each.text, str(each.answered), number(each.mean)) for each in report.dimensions],
        )
        for section, column, ranks in (
            ("recommendations", "recommendation", report.recommendations),
            ("wishes", "wish", report.wishes),
        ):
            yield from self._chart(
                section,
                bars,
                ([each.text for each in ranks], [each.count for each in ranks]),
                (self._said(column), self._said("count"), self._said("percent")),
                [(each.text, str(each.count), number(each.percent)) for each in ranks],
            )
        yield from self._kinds()

    def _kinds(self) -> Iterator[Flowable]:
        number, kinds = self._number, self._report.kinds
        headings = ("kind", "participants", "mean", "share_50_or_more", "share_above_70")
        yield from self._chart(
            "kinds",
            bars,
            ([each.text for each in kinds], [each.mean for each in kinds]),
            [self._said(each) for each in headings],
            [
                (
                    each.text,
                    str(each.participants),
                    number(each.mean),
                    f"{each.share_50_or_more.count} ({number(each.share_50_or_more.percent)} %)",
                    f"{each.share_above_70.count} ({number(each.share_above_70.percent)} %)",
                )
                for each in kinds
            ],
        )

    def _regional(self) -> Iterator[Flowable]:
        for series in self._report.regional:
            rows = [(f"{series.region} {each.year}", float(each.mean)) for each in series.means]
            if self._report.mean is not None:
                rows.append((self._said("this_report"), self._report.mean))
            names, means = [name for name, _ in rows], [mean for _, mean in rows]
            cells = [(name, self._number(mean)) for name, mean in rows]
            headings = (series.title, self._said("mean"))
            yield from self._chart("regional", columns, (names, means), headings, cells)
            yield _text(self._pair("source", series.source), 7)
            yield _text(series.caution, 7)

    def _foot(self) -> Iterator[Flowable]:
        left = self._report.left_out
        yield Spacer(0, 5 * mm)
        yield _text(self._said("left_out"), 10, BOLD, 2)
        yield _text(self._pair("small_units", left.small_units))
        yield _text(self._pair("open_units", left.open_units))
        if left.other_editions:
            yield _text(self._pair("other_editions", ", ".join(left.other_editions)))
        yield Spacer(0, 3 * mm)
        yield _text(self._report.rule, 7)

    def _chart(
        self,
        title: str,
        draw: Draw,
        of: tuple[Sequence[str], Sequence[float]],
        headings: Sequence[str],
        rows: Cells,
    ) -> Iterator[Flowable]:
        """A chart and, below it, its table; nothing at all where there is nothing in it."""
        labels, values = of
        if not values:
            return
        yield CondPageBreak(_TOGETHER)
        yield Spacer(0, 4 * mm)
        yield _text(self._said(title), 11, BOLD, 2)
        yield draw(labels, values, PLAIN, self._number)
        yield _table([headings, *rows])


def _table(rows: Cells, *, heading: bool = True) -> Table:
    count = len(rows[0])
    widths = [_WIDE - _NARROW * (count - 1), *([_NARROW] * (count - 1))]
    cells = [
        [_text(cell, 7.5, BOLD if heading and not place else PLAIN) for cell in row]
        for place, row in enumerate(rows)
    ]
    lines = [("LINEBELOW", (0, 0), (-1, -2), 0.3, _GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    pads = [(f"{side}PADDING", (0, 0), (-1, -1), 1.5) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return Table(cells, colWidths=widths, repeatRows=1 if heading else 0, style=TableStyle([*lines, *pads]))
