"""Open data of a city: what citizens did for its shops, month by month, for everybody to use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping, select

from chassis.access import PUBLIC
from chassis.csv_file import csv_file
from chassis.database import Database
from chassis.http import Db
from chassis.openapi import problems
from chassis.problems import not_found
from services.campaigns.exports.columns import MEDIA_TYPE, described
from services.campaigns.open_data.described import COLUMNS, TITLE, Edition, catalogued
from services.campaigns.open_data.domain import DEPTH
from services.campaigns.open_data.tables import open_data_month
from services.campaigns.places.tables import known_city

PREFIX = "/api/v1/open-data"
LINKED_DATA = "application/ld+json"
_FRESH = {"Cache-Control": "public, max-age=3600"}


def _content(media_type: str, said: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": said, "content": {media_type: {}}}}


def router(public_url: str) -> APIRouter:
    """The routes; addresses in what they answer are under `public_url`."""
    routes = APIRouter(prefix=PREFIX, tags=["open data"])

    @routes.get(
        "/cities/{city_id}",
        response_class=Response,
        responses={**_content(LINKED_DATA, "DCAT."), **problems(404)},
        dependencies=[PUBLIC],
    )
    async def describe(city_id: UUID, database: Db) -> Response:
        """What there is, for catalogues of open data: licence, period and files (DCAT as JSON-LD)."""
        nis_code, months = await _read(database, city_id)
        closed = [each["closed_at"] for each in months]
        span = (months[0]["month"], months[-1]["month"]) if months else None
        edition = Edition(city_id, nis_code, span, max(closed, default=None))
        told = catalogued(edition, f"{public_url}{PREFIX}/cities/{city_id}", public_url)
        return JSONResponse(told, media_type=LINKED_DATA, headers=_FRESH)

    @routes.get(
        "/cities/{city_id}/contributions.csv",
        response_class=Response,
        responses={**_content("text/csv", "A line for each group."), **problems(404)},
        dependencies=[PUBLIC],
    )
    async def download(city_id: UUID, database: Db) -> Response:
        """By month, kind of contribution, district and kind of shop; closed months alone, never changed.

        Small groups are withheld, and what they could be reckoned from.
        """
        _, months = await _read(database, city_id)
        link = f'<{PREFIX}/contributions.csv-metadata.json>; rel="describedby"; type="{MEDIA_TYPE}"'
        headers = {**_FRESH, "Link": link}
        return Response(
            csv_file([*COLUMNS], _lines(months)), headers=headers, media_type="text/csv; charset=utf-8"
        )

    @routes.get(
        "/contributions.csv-metadata.json",
        response_class=Response,
        responses=_content(MEDIA_TYPE, "CSV on the Web metadata."),
        dependencies=[PUBLIC],
    )
    async def describe_columns() -> Response:
        """What is in which column, in four languages (CSV on the Web)."""
        return JSONResponse(
            described(TITLE, COLUMNS, "contributions.csv"), media_type=MEDIA_TYPE, headers=_FRESH
        )

    return routes


async def _read(database: Database, city_id: UUID) -> tuple[str, Sequence[RowMapping]]:
    """The city's NIS code, and its months in their order. Raises the problem 404."""
    months = select(open_data_month).where(open_data_month.c.city_id == city_id)
    async with database.connection() as connection:
        nis_code = await connection.scalar(select(known_city.c.nis_code).where(known_city.c.id == city_id))
        if nis_code is None:
            raise not_found("city")
        rows = await connection.execute(months.order_by(open_data_month.c.month))
        return nis_code, rows.mappings().all()


def _lines(months: Sequence[RowMapping]) -> Iterator[tuple[object, ...]]:
    for each in months:
        month: date = each["month"]
        for path, counted in each["cells"]:
            yield (f"{month:%Y-%m}", *path, *[None] * (DEPTH - len(path)), counted)
