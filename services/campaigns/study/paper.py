"""Draws a study on paper, to be read in two minutes: the answer, what happened, the funnel, how it was done.

Each chart has its table below it, for whoever does not see the chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, Spacer, Table, TableStyle

from chassis.languages import labelled
from chassis.paper import BOLD, PLAIN, pdf, style
from services.campaigns.study import words
from services.campaigns.study.beside import Beside
from services.campaigns.study.charts import WIDTH, lines
from services.campaigns.study.domain.answer import Answer, Group, Verdict
from services.campaigns.study.report import Report, verdict_of
from services.campaigns.study.words import number, said

_GREY = HexColor("#777777")
_TOGETHER = 75 * mm
_ACROSS = 10
"""Weeks side by side in a table; further ones stand below."""


def drawn(report: Report, language: str) -> bytes:
    """The report as a PDF of a page or two."""
    return pdf(_flowables(report, language), said(words.TITLE, language), language)


def _flowables(report: Report, language: str) -> Iterator[Flowable]:
    yield _text("CoCoCity", 10, BOLD, 2)
    yield _text(report.name, 13, BOLD, 2)
    yield _text(said(words.TITLE, language), 17, BOLD, 4)
    yield _text(said(words.VERDICTS[verdict_of(report)], language), 12, BOLD, 6)
    for place, answer in enumerate(report.answers):
        yield from _answer(report, answer, language, first=place == 0)
    yield from _done(report, language)
    for other in report.beside:
        yield _text(_beside(other, language), 9, PLAIN, 1)
    yield from _funnel(report, language)
    yield Spacer(0, 5 * mm)
    yield _text(said(words.METHOD, language), 7)
    yield _text(said(words.WITHHELD, language), 7)


def _answer(report: Report, answer: Answer, language: str, *, first: bool) -> Iterator[Flowable]:
    yield CondPageBreak(_TOGETHER)
    yield Spacer(0, 3 * mm)
    yield _text(said(words.OUTCOMES[answer.outcome], language), 11, BOLD, 2)
    if not first:
        yield _text(said(words.VERDICTS[answer.verdict], language), 9, PLAIN, 2)
    for sentence in _sentences(answer, language):
        yield _text(sentence, 9, PLAIN, 1)
    yield from _weeks(report, answer, language)


def _sentences(answer: Answer, language: str) -> Iterator[str]:
    if answer.effect:
        shown = _numbers(answer.effect, language)
        yield said(words.EFFECT, language, **shown)
        if answer.verdict is Verdict.NOT_SHOWN:
            yield said(words.DETECTABLE, language, **shown)
    if answer.placebo:
        yield said(words.PLACEBO, language, **_numbers(answer.placebo, language))
    takes = answer.takes
    for text, needed in (
        (words.TAKES_SHOPS, takes and takes.merchants),
        (words.TAKES_COUNTED, takes and takes.counted),
        (words.TAKES_UNITS, takes and takes.units),
    ):
        if needed:
            yield said(text, language, number=number(needed, language))


def _numbers(found: object, language: str) -> dict[str, str]:
    names = ("estimate", "lowest", "highest", "expected", "detectable")
    return {name: number(getattr(found, name), language) for name in names}


def _weeks(report: Report, answer: Answer, language: str) -> Iterator[Flowable]:
    groups = [
        (said(name, language), group)
        for name, group in ((words.WITH, answer.campaign), (words.COMPARED, answer.comparison))
        if group.weekly
    ]
    if not groups:
        return
    before = report.plan.weeks_before if report.plan else 0
    weekly = [[each / (group.merchants or 1) for each in group.weekly or ()] for _, group in groups]
    weeks = [str(week - before) for week in range(len(weekly[0]))]
    names = [_name(name, group, language) for name, group in groups]
    yield _text(said(words.BY_WEEK, language), 8, PLAIN, 1)
    yield lines(weeks, weekly, names, PLAIN)
    for start in range(0, len(weeks), _ACROSS):
        part = slice(start, start + _ACROSS)
        rows = [
            [name, *(number(each, language) for each in means[part])]
            for name, means in zip(names, weekly, strict=True)
        ]
        yield _table([[said(words.WEEK, language), *weeks[part]], *rows])


def _name(name: str, group: Group, language: str) -> str:
    return f"{name} ({labelled(said(words.SHOPS, language), group.merchants, language)})"


def _done(report: Report, language: str) -> Iterator[Flowable]:
    yield CondPageBreak(_TOGETHER / 2)
    yield Spacer(0, 4 * mm)
    yield _text(said(words.DONE, language), 11, BOLD, 2)
    names = [said(words.FIGURES[each], language) for each in report.done]
    counts = [number(each, language) for each in report.done.values()]
    yield _table([("", *names), ("", *counts)], first=2 * mm)


def _funnel(report: Report, language: str) -> Iterator[Flowable]:
    yield CondPageBreak(_TOGETHER / 2)
    yield Spacer(0, 4 * mm)
    yield _text(said(words.FUNNEL, language), 11, BOLD, 2)
    rows = [
        (said(words.STEPS[each.step], language), _few(each.merchants, language)) for each in report.funnel
    ]
    yield _table([("", said(words.SHOPS, language)), *rows], first=100 * mm)
    yield _text(said(words.IN_ORDER, language), 7)


def _beside(other: Beside, language: str) -> str:
    own, compared = _few(other.own, language), _few(other.compared, language)
    return said(words.BESIDE, language, name=other.name, own=own, compared=compared)


def _few(merchants: int | None, language: str) -> str:
    return said(words.FEW, language) if merchants is None else str(merchants)


def _text(text: str, size: float = 8, font: str = PLAIN, space: float = 0) -> Paragraph:
    return Paragraph(escape(text), style(size, font, space))


def _table(rows: Sequence[Sequence[str]], first: float = 56 * mm) -> Table:
    across = max(len(rows[0]) - 1, 1)
    widths = [first, *([min((WIDTH - first) / across, 40 * mm)] * across)]
    cells = [[_text(cell, 7.5, PLAIN if place else BOLD) for cell in row] for place, row in enumerate(rows)]
    drawn_as = [("LINEBELOW", (0, 0), (-1, -2), 0.3, _GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    pads = [(f"{side}PADDING", (0, 0), (-1, -1), 1.5) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return Table(cells, colWidths=widths, hAlign="LEFT", repeatRows=1, style=TableStyle([*drawn_as, *pads]))
