"""Did it work? As JSON, as CSV and on paper."""

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Response

from chassis.access import PUBLIC
from chassis.csv_file import csv_file
from chassis.http import Db, Listing, Now, Shown
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from services.campaigns.evaluation.domain import Figure
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.visible import must_be_visible
from services.campaigns.study.beside import cities_of
from services.campaigns.study.domain.answer import Verdict
from services.campaigns.study.domain.funnel import Step
from services.campaigns.study.domain.outcomes import Outcome
from services.campaigns.study.paper import drawn
from services.campaigns.study.plan_api import MayStudy
from services.campaigns.study.report import Report, report_of, verdict_of

PREFIX = "/api/v1/campaigns"
router = APIRouter(prefix=PREFIX, tags=["campaigns"])

COLUMNS = {
    "section": "What the row is about: the campaign, an outcome, a week of a group, what was done, another "
    "campaign beside it, or a step of the funnel.",
    "key": "The outcome, what was done, the other campaign, or the step.",
    "group": "campaign or comparison; empty for a figure of both.",
    "week": "Counted from the day the campaign began: 0 is the first week with it, -1 the last without.",
    "figure": "What the value is.",
    "value": "A count, a mean for each shop and week, a p-value or a word; empty where it is withheld.",
}
"""Of the CSV file."""


class ShownEffect(Shown):
    """In counts for each shop and week."""

    estimate: float
    lowest: float
    highest: float
    """Between these two it lies, at 95 %."""
    p: float
    expected: float
    """What the campaign's shops would have had without it."""
    detectable: float
    """The smallest effect that these data would have shown in four cases of five."""


class ShownGroup(Shown):
    """Null for a group of fewer than five shops."""

    merchants: int | None
    units: int | None
    weekly: list[int] | None


class ShownTakes(Shown):
    """What it would take to know; null where there is enough of it."""

    merchants: int | None
    counted: int | None
    units: int | None


class ShownAnswer(Shown):
    """About one outcome; the first of a report answers whether it worked."""

    outcome: Outcome
    verdict: Verdict
    campaign: ShownGroup
    comparison: ShownGroup
    effect: ShownEffect | None
    placebo: ShownEffect | None
    """The same run on the time before alone, where there can be no effect."""
    takes: ShownTakes | None


class ShownStep(Shown):
    step: Step
    merchants: int | None
    """Null for fewer than five, none among them."""


class ShownBeside(Shown):
    """Another campaign; null stands for fewer than five shops, none among them."""

    campaign_id: UUID
    name: str
    own: int | None
    """Shops with the campaign that is looked at."""
    compared: int | None


class ShownReport(Shown):
    """What happened, and what of it can be called an effect."""

    campaign_id: UUID
    verdict: Verdict
    began: date | None
    ended: bool
    weeks_before: int | None
    weeks_over: int
    answers: list[ShownAnswer]
    done: dict[Figure, int]
    """What the campaign itself asks for and brings about: reported, and no effect."""
    funnel: list[ShownStep]
    beside: list[ShownBeside]
    """Other campaigns in the time looked at: what they brought is in these figures too."""


class ShownColumn(Shown):
    column: str
    meaning: str


async def _made(campaign_id: UUID, who: MayStudy, database: Db, now: Now) -> Report:
    """Of a campaign of several cities, each of them reads the whole: sums, never a single shop's figures."""
    async with database.connection() as connection:
        found = await storage.find(connection, campaign_id)
        cities = await cities_of(connection, found)
    if not any(who.has(city_id=each) for each in cities):
        must_be_visible(who.principal, found)
        who.within(city_id=found.city_id)
    async with database.scoped(cities) as connection:
        return await report_of(connection, found, now())


Made = Annotated[Report, Depends(_made)]


@router.get("/study/columns", dependencies=[PUBLIC])
async def show_columns() -> Listing[ShownColumn]:
    """What is in the columns of the CSV file."""
    return Listing(items=[ShownColumn(column=name, meaning=said) for name, said in COLUMNS.items()])


@router.get("/{campaign_id}/study", responses=problems(404))
async def show_study(report: Made) -> ShownReport:
    """Did it work? (the city's officers, consultants, operators)"""
    made: dict[str, Any] = msgspec.to_builtins(report)
    weeks = report.plan.weeks_before if report.plan else None
    return ShownReport.model_validate({**made, "verdict": verdict_of(report), "weeks_before": weeks})


@router.get("/{campaign_id}/study.csv", response_class=Response, responses=problems(404))
async def download_study(report: Made) -> Response:
    """The same as CSV; `/campaigns/study/columns` says what is in which column."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="study.csv"',
        "Link": f'<{PREFIX}/study/columns>; rel="describedby"',
    }
    return Response(
        csv_file([*COLUMNS], _rows(report)), headers=headers, media_type="text/csv; charset=utf-8"
    )


@router.get("/{campaign_id}/study.pdf", response_class=Response, responses=problems(404))
async def print_study(report: Made, language: ReadersLanguage) -> Response:
    """The same to be printed and read in two minutes, in the reader's language."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="study.pdf"',
        "Content-Language": language,
    }
    pdf = await asyncio.to_thread(drawn, report, language)
    return Response(pdf, headers=headers, media_type="application/pdf")


def _rows(report: Report) -> Iterator[tuple[object, ...]]:
    yield "campaign", None, None, None, "verdict", verdict_of(report).value
    yield "campaign", None, None, None, "began", report.began and report.began.isoformat()
    for answer in report.answers:
        key = answer.outcome.value
        yield "outcome", key, None, None, "verdict", answer.verdict.value
        figures = {"effect": answer.effect, "placebo": answer.placebo, "takes": answer.takes}
        for section, found in figures.items():
            for figure, value in (msgspec.structs.asdict(found) if found else {}).items():
                yield section, key, None, None, figure, value
        for name, group in (("campaign", answer.campaign), ("comparison", answer.comparison)):
            yield "outcome", key, name, None, "merchants", group.merchants
            yield "outcome", key, name, None, "units", group.units
            first = -(report.plan.weeks_before if report.plan else 0)
            for week, counted in enumerate(group.weekly or (), start=first):
                yield "week", key, name, week, "counted", counted
    for figure, counted in report.done.items():
        yield "done", figure.value, "campaign", None, "counted", counted
    for other in report.beside:
        yield "beside", str(other.campaign_id), "campaign", None, "merchants", other.own
        yield "beside", str(other.campaign_id), "comparison", None, "merchants", other.compared
    for step in report.funnel:
        yield "funnel", step.step.value, None, None, "merchants", step.merchants
