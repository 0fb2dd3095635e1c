"""Reports over HTTP: as JSON, as CSV and on paper."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from chassis.access import PUBLIC
from chassis.http import Db, Listing, Shown
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.reports.asked import AskedReport, MayReport
from services.assessment.reports.paper import drawn
from services.assessment.reports.read import read
from services.assessment.reports.sheet import as_csv
from services.assessment.reports.shown import ReportInWords, ShownReport
from services.assessment.reports.words import COLUMNS

PATH = "/api/v1/reports"
TAGS = ["reports"]


class ShownColumn(Shown):
    column: str
    meaning: str


def _file(media_type: str, what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": {media_type: {}}}, **problems(404, 409)}


def router(catalogue: Catalogue, texts: ReportInWords) -> APIRouter:
    """The routes, over these published questionnaires."""
    routes = APIRouter(prefix=PATH, tags=[*TAGS])

    async def made(
        asked: AskedReport, who: MayReport, database: Db, language: ReadersLanguage
    ) -> ShownReport:
        scope, name, version = await asked.scope(who, database)
        # No wall per row: there is no person in them, and it would cost more than the report.
        basis = asked.measure.basis(catalogue, name, version)
        async with database.connection() as connection:
            found = await read(connection, scope, basis)
        return texts.shown(scope, basis, found, language)

    Made = Annotated[ShownReport, Depends(made)]  # noqa: N806  a type, of this router's own

    @routes.get("", responses=problems(404, 409))
    async def show_report(report: Made) -> ShownReport:
        """The figures of cities or of a session (its consultants and officers, operators).

        Each is of at least five persons; no difference of two reports is of fewer.
        """
        return report

    @routes.get("/sheet.csv", response_class=Response, responses=_file("text/csv", "One row per figure."))
    async def download_report(report: Made) -> Response:
        """The same as CSV; `/reports/columns` says what is in which column."""
        link = f'<{PATH}/columns>; rel="describedby"'
        return _attached(report, as_csv(report, texts.words).encode(), "text/csv; charset=utf-8", Link=link)

    @routes.get(
        "/paper.pdf",
        response_class=Response,
        responses=_file("application/pdf", "Charts, with their tables."),
    )
    async def print_report(report: Made) -> Response:
        """The same to be printed, each chart with its table."""
        pdf = await asyncio.to_thread(drawn, report, texts.words)
        return _attached(report, pdf, "application/pdf")

    @routes.get("/columns", dependencies=[PUBLIC])
    async def show_columns(language: ReadersLanguage) -> Listing[ShownColumn]:
        """What is in the columns of the CSV file."""
        meanings = texts.words.columns
        return Listing(
            items=[ShownColumn(column=each, meaning=meanings[each].into(language)) for each in COLUMNS]
        )

    return routes


def _attached(report: ShownReport, content: bytes, media_type: str, **headers: str) -> Response:
    name = f"report-{report.first_month or 'all'}.{'pdf' if media_type.endswith('pdf') else 'csv'}"
    said = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Language": report.language,
    }
    return Response(content, headers={**said, **headers}, media_type=media_type)
