"""Draws a plan on one page, to be hung up beside the till.

There is nothing on it that anybody typed: all texts are ours, in the reader's language.
"""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table, TableStyle

from chassis.languages import labelled
from chassis.paper import BOLD, PLAIN, pdf, style
from services.assessment.advice.shown_plan import PlannedAction, ShownPlan
from services.assessment.advice.words import PageWords

_COLUMNS = (18 * mm, 116 * mm, 15 * mm, 15 * mm, 14 * mm)
_GREY = HexColor("#777777")
_BRUSSELS = ZoneInfo("Europe/Brussels")
_MOST_MONDAYS = 6
"""So many actions show their first step: nobody begins with the seventh, and all must stay on one page."""


def drawn(plan: ShownPlan, words: PageWords, answered_at: datetime) -> bytes:
    """The plan as a PDF of one page."""
    sheet = (*_head(plan, words, answered_at), *_body(plan, words), *_foot(plan))
    return pdf(sheet, words.title.into(plan.language), plan.language)


def _text(text: str, size: float = 8, font: str = PLAIN, space: float = 2) -> Paragraph:
    return Paragraph(escape(text), style(size, font, space))


def _head(plan: ShownPlan, words: PageWords, answered_at: datetime) -> Iterator[Flowable]:
    def said(word: str) -> str:
        return str(getattr(words, word).into(plan.language))

    def pair(word: str, value: str) -> str:
        return labelled(said(word), value, plan.language)

    day = answered_at.astimezone(_BRUSSELS).strftime(said("date"))
    budget = said("no_limit") if plan.budget is None else f"{plan.budget} €"
    yield _text("CoCoCity", 10, BOLD)
    yield _text(said("title"), 17, BOLD, 4)
    yield _text(f"{said('answered')} {day}", 9)
    yield _text(f"{pair('hours_per_week', str(plan.hours_per_week))} · {pair('budget', budget)}", 9)
    scores = pair("now", f"{plan.score}/100"), pair("then", f"{plan.score_after}/100")
    yield _text(" · ".join(scores), 11, BOLD, 6)
    if plan.actions:
        yield _text(said("monday"), 11, BOLD)
        yield _text(plan.actions[0].monday, 11, space=6)


def _body(plan: ShownPlan, words: PageWords) -> Iterator[Flowable]:
    if not plan.actions and not plan.later:
        yield _text(words.nothing.into(plan.language), 11)
    if plan.actions:
        names = (words.weeks, words.action, words.points, words.hours)
        rows = [[*(_text(name.into(plan.language), 7, BOLD) for name in names), _text("€", 7, BOLD)]]
        rows += [_row(action, number, plan, words) for number, action in enumerate(plan.actions)]
        rows.append(_sum(plan))
        lines = [("LINEBELOW", (0, 0), (-1, -2), 0.4, _GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        pads = [(f"{side}PADDING", (0, 0), (-1, -1), 2) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
        yield Table(rows, colWidths=_COLUMNS, style=TableStyle([*lines, *pads]))
    if plan.later:
        yield Spacer(0, 3 * mm)
        yield _text(words.later.into(plan.language), 9, BOLD)
        for later in plan.later:
            yield _text(f"{later.title} (+{later.gain}): {later.reason.text}", 7.5, space=1)


def _row(
    action: PlannedAction, number: int, plan: ShownPlan, words: PageWords
) -> list[Flowable | list[Flowable]]:
    weeks = f"{action.first_week}–{action.last_week}"
    cell: list[Flowable] = [_text(action.title, 8.5, BOLD, 1)]
    # The first action's first step stands above already, in large.
    if 0 < number < _MOST_MONDAYS:
        cell.append(_text(action.monday, 7.5, space=1))
    if action.tool:
        cell.append(
            _text(labelled(words.tool.into(plan.language), action.tool.text, plan.language), 7, space=0)
        )
    figures = (f"+{action.gain}", _number(action.hours, plan.language), str(action.euros))
    return [
        _text(weeks if action.first_week < action.last_week else str(action.first_week)),
        cell,
        *map(_text, figures),
    ]


def _number(hours: float, language: str) -> str:
    return f"{hours:g}" if language == "en" else f"{hours:g}".replace(".", ",")


def _sum(plan: ShownPlan) -> list[Flowable]:
    figures = (f"+{plan.score_after - plan.score}", _number(plan.hours, plan.language), str(plan.euros))
    return [_text(""), _text(""), *(_text(figure, 8, BOLD) for figure in figures)]


def _foot(plan: ShownPlan) -> Iterator[Flowable]:
    yield Spacer(0, 4 * mm)
    yield _text(plan.as_if_done, 7)
    yield _text(plan.order, 7)
