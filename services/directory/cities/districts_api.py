"""Districts over HTTP: seen by everybody, drawn and removed by the city's officers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Now, ShortText, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import Problem, not_found
from services.directory.cities import districts, storage
from services.directory.cities.districts import District
from services.directory.cities.tables import district

router = APIRouter(prefix="/api/v1", tags=["cities"])

OfTheCity = Annotated[Access, may(Role.city_officer, Role.operator)]


class Polygon(BaseModel):
    """GeoJSON Polygon (RFC 7946): rings of [longitude, latitude], the outer one first."""

    type: Annotated[str, StringConstraints(pattern="^Polygon$")]
    coordinates: Annotated[
        list[list[Annotated[list[Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=4)]]],
        Field(max_length=100),
    ]


class DrawDistrict(Body):
    """A part of the city with a name of its own."""

    name: ShortText
    polygon: Polygon


class DistrictShown(Shown):
    """A district with its outline."""

    id: UUID
    city_id: UUID
    version: int
    name: str
    polygon: dict[str, Any]


def _shown(found: District) -> DistrictShown:
    return DistrictShown(
        id=found.id,
        city_id=found.city_id,
        version=found.version,
        name=found.name,
        polygon={"type": "Polygon", "coordinates": found.polygon},
    )


@router.post("/cities/{city_id}/districts", status_code=201, response_model=DistrictShown)
async def draw_district(
    city_id: UUID, asked: DrawDistrict, who: OfTheCity, now: Now, attempt: Attempt
) -> Response:
    """The city has this district from now on (its officers, operator)."""
    who.within(city_id=city_id)

    async def work(tx: Transaction) -> Answer:
        drawn = await districts.draw(
            tx, city_id, asked.name, asked.polygon.coordinates, by=who.person_id, at=now()
        )
        headers = {"Location": f"/api/v1/districts/{drawn.id}", "ETag": etag(drawn.version)}
        return Answer(201, _shown(drawn).model_dump(mode="json"), headers)

    return await attempt.once(work)


@router.get("/cities/{city_id}/districts", response_model=Listing[DistrictShown], dependencies=[PUBLIC])
async def list_districts(
    city_id: UUID, request: Request, response: Response, db: Db, paging: Paging
) -> dict[str, Any]:
    """The districts of a city, in the order they were drawn."""
    wanted = storage.present_districts().where(district.c.city_id == city_id).order_by(district.c.id)
    if (after := paging.after(UUID)) is not None:
        wanted = wanted.where(district.c.id > after)
    async with db.connection() as connection:
        if await storage.city_by_id(connection, city_id) is None:
            raise not_found("city")
        rows = await connection.execute(wanted.limit(paging.limit + 1))
        items = [_shown(districts.of_row(row)) for row in rows]
    return page(request, response, items, paging.limit, lambda shown: shown.id)


@router.get(
    "/districts/{district_id}", response_model=DistrictShown, responses=problems(410), dependencies=[PUBLIC]
)
async def show_district(district_id: UUID, response: Response, db: Db) -> DistrictShown:
    """One district; its ETag is what a change of it must match. 410 once it was removed."""
    async with db.connection() as connection:
        rows = await connection.execute(select(district).where(district.c.id == district_id))
        row = rows.first()
    if row is None:
        raise not_found("district")
    if row.removed_at is not None:
        raise _gone()
    found = districts.of_row(row)
    response.headers["ETag"] = etag(found.version)
    return _shown(found)


@router.put("/districts/{district_id}", response_model=DistrictShown, responses=problems(409, 410))
async def redraw_district(
    *,
    district_id: UUID,
    asked: DrawDistrict,
    who: OfTheCity,
    expected: IfMatch,
    response: Response,
    db: Db,
    now: Now,
) -> DistrictShown:
    """It has this name and outline from now on, and its merchants are found anew (officers, operator)."""
    async with db.transaction() as tx:
        found = await _locked(tx, district_id, who)
        expected.check(found.version)
        redrawn = await districts.redraw(
            tx, found, asked.name, asked.polygon.coordinates, by=who.person_id, at=now()
        )
    response.headers["ETag"] = etag(redrawn.version)
    return _shown(redrawn)


@router.delete("/districts/{district_id}", status_code=204, responses=problems(409, 410))
async def remove_district(district_id: UUID, who: OfTheCity, expected: IfMatch, db: Db, now: Now) -> Response:
    """The city has it no more, and no merchant lies in it (officers, operator). 409 while roles need it."""
    async with db.transaction() as tx:
        found = await _locked(tx, district_id, who)
        expected.check(found.version)
        await districts.remove(tx, found, by=who.person_id, at=now())
    return Response(status_code=204)


async def _locked(tx: Transaction, district_id: UUID, who: Access) -> District:
    city_id = await _city_of(tx, district_id)
    if city_id is None:
        raise not_found("district")
    who.within(city_id=city_id)
    found = await districts.lock(tx, city_id, district_id)
    if found is None:
        raise _gone()
    return found


def _gone() -> Problem:
    return Problem(410, "district-removed", "Gone", "The city has this district no more.")


async def _city_of(connection: AsyncConnection, district_id: UUID) -> UUID | None:
    """Never changes, so it needs no lock."""
    wanted = select(district.c.city_id).where(district.c.id == district_id)
    city_id: UUID | None = (await connection.execute(wanted)).scalar_one_or_none()
    return city_id
