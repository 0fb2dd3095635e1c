"""Files of what is done in a city or for a campaign, for a spreadsheet; and who took which."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy import insert, select

from chassis.access import PUBLIC
from chassis.csv_file import csv_stream
from chassis.database import Database, without_time_limit
from chassis.http import Db, Listing, Now, Shown
from chassis.ids import new_id
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import invalid
from services.campaigns.dashboard.members import Scopes
from services.campaigns.dashboard.scopes import OfCampaign, OfCity, Officer
from services.campaigns.exports.columns import COLUMNS, MEDIA_TYPE, TITLES, described
from services.campaigns.exports.datasets import QUERIES, Asked, Dataset
from services.campaigns.exports.tables import export

PREFIX = "/api/v1/exports"
_PORTION = 1_000
_CSV: dict[int | str, dict[str, Any]] = {200: {"description": "A line each.", "content": {"text/csv": {}}}}
_DESCRIPTION: dict[int | str, dict[str, Any]] = {
    200: {"description": "CSV on the Web metadata.", "content": {MEDIA_TYPE: {}}}
}


class ExportShown(Shown):
    """That somebody took a file."""

    id: UUID
    dataset: Dataset
    campaign_id: UUID | None
    since: date | None
    until: date | None
    at: datetime
    person_id: UUID | None
    """Null once they were erased, or after three years."""


@dataclass(frozen=True)
class Period:
    since: date | None
    until: date | None


async def _period(
    since: Annotated[date | None, Query(description="First day (Europe/Brussels); all without one.")] = None,
    until: Annotated[date | None, Query(description="Last day.")] = None,
) -> Period:
    if since is not None and until is not None and until < since:
        raise invalid("until", "must not be before the first day")
    for field, day in (("since", since), ("until", until)):
        if day is not None and not date(1900, 1, 1) <= day <= date(2200, 1, 1):
            raise invalid(field, "is no day of our time")
    return Period(since, until)


Within = Annotated[Period, Depends(_period)]


def router(scopes: Scopes) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PREFIX, tags=["exports"])
    _add_files(routes, scopes)
    _add_log(routes)
    return routes


def _add_files(routes: APIRouter, scopes: Scopes) -> None:
    async def file(
        asked: Asked, dataset: Dataset, who: Officer, database: Database, now: datetime
    ) -> Response:
        await _note(database, asked, dataset, who.person_id, now)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{dataset}.csv"',
            "Link": f'<{PREFIX}/{dataset}.csv-metadata.json>; rel="describedby"; type="{MEDIA_TYPE}"',
        }
        lines = csv_stream([*COLUMNS[dataset]], _portions(database, asked, dataset))
        return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")

    async def members(scope_id: UUID) -> tuple[UUID, ...]:
        return tuple(await scopes.get(scope_id) or ())

    @routes.get(
        "/cities/{city_id}/{dataset}.csv", response_class=Response, responses={**_CSV, **problems(403)}
    )
    async def of_city(
        *, dataset: Dataset, scope: OfCity, who: Officer, within: Within, database: Db, now: Now
    ) -> Response:
        """All of a city, in its campaigns and beside them (its officers; that they took it is noted)."""
        asked = Asked(scope, within.since, within.until, await members(scope.id))
        return await file(asked, dataset, who, database, now())

    @routes.get(
        "/campaigns/{campaign_id}/{dataset}.csv",
        response_class=Response,
        responses={**_CSV, **problems(403, 404)},
    )
    async def of_campaign(
        *, dataset: Dataset, scope: OfCampaign, who: Officer, within: Within, database: Db, now: Now
    ) -> Response:
        """What counts for a campaign, in all of its cities (the officers of each; it is noted)."""
        asked = Asked(scope, within.since, within.until, await members(scope.id))
        return await file(asked, dataset, who, database, now())

    @routes.get(
        "/{dataset}.csv-metadata.json",
        response_class=Response,
        responses=_DESCRIPTION,
        dependencies=[PUBLIC],
    )
    async def describe(dataset: Dataset) -> Response:
        """What is in which column, in four languages (CSV on the Web)."""
        told = described(TITLES[dataset], COLUMNS[dataset], f"{dataset}.csv")
        return JSONResponse(told, media_type=MEDIA_TYPE)


def _add_log(routes: APIRouter) -> None:
    @routes.get("/cities/{city_id}", response_model=Listing[ExportShown], responses=problems(403))
    async def taken(
        scope: OfCity, database: Db, paging: Paging, request: Request, response: Response
    ) -> dict[str, Any]:
        """Who took which file of a city, or of a campaign that it runs, the latest first (its officers)."""
        query = select(export).where(export.c.city_id == scope.id).order_by(export.c.id.desc())
        if (last := paging.after(UUID)) is not None:
            query = query.where(export.c.id < last)
        async with database.scoped(scope.cities) as connection:
            rows = (await connection.execute(query.limit(paging.limit + 1))).mappings().all()
        return page(request, response, rows, paging.limit, lambda each: each["id"])


async def _note(database: Database, asked: Asked, dataset: Dataset, person_id: UUID, now: datetime) -> None:
    """Before the first line is sent: who breaks off has read some of it."""
    row = {
        "id": new_id(),
        "city_id": asked.scope.cities[0],
        "campaign_id": asked.scope.campaign and asked.scope.campaign.id,
        "dataset": dataset.value,
        "since": asked.since,
        "until": asked.until,
        "at": now,
        "person_id": person_id,
    }
    async with database.transaction() as tx:
        await tx.execute(insert(export).values(row))


async def _portions(
    database: Database, asked: Asked, dataset: Dataset
) -> AsyncIterator[Sequence[Sequence[object]]]:
    """Read as they are sent: of a slow reader the server waits for twenty seconds, and then ends it."""
    async with database.scoped(asked.scope.cities) as connection:
        await without_time_limit(connection)
        result = await connection.stream(QUERIES[dataset], asked.values())
        async for rows in result.partitions(_PORTION):
            yield [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else value
