"""Cities over HTTP. Reading them needs no token: a city acts in public."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Now
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.pagination import Paging, page
from chassis.preconditions import etag
from chassis.problems import not_found
from services.directory.cities import storage, use_cases
from services.directory.cities.beside import join_beside
from services.directory.cities.shown import City, NamePerson, city_shown
from services.directory.cities.tables import city

router = APIRouter(prefix="/api/v1", tags=["cities"])

OfTheCity = Annotated[Access, may(Role.city_officer, Role.operator)]
OfOperators = Annotated[Access, may(Role.operator)]
NisCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]


class JoinCity(Body):
    """A commune by its NIS code, and who is responsible there (can be named later)."""

    nis_code: NisCode
    responsible: NamePerson | None = None


class MergeCommune(Body):
    """The NIS code of the commune that the city's own became part of, and the first day of it."""

    nis_code: NisCode
    merged_on: date
    beside: UUID | None = None
    """The city that has this code already: both stay, each with its shops, and share their officers."""


@router.post("/cities", status_code=201, response_model=City)
async def join_city(asked: JoinCity, who: OfOperators, now: Now, attempt: Attempt) -> Response:
    """A city takes part from now on (operator)."""
    responsible = asked.responsible.named() if asked.responsible else None

    async def work(tx: Transaction) -> Answer:
        city_id = await use_cases.join_city(tx, asked.nis_code, responsible, by=who.person_id, at=now())
        joined = city_shown(await storage.city_by_id(tx, city_id))
        location = {"Location": f"/api/v1/cities/{city_id}", "ETag": etag(joined.version)}
        return Answer(201, joined.model_dump(mode="json"), location)

    return await attempt.once(work)


@router.post("/cities/{city_id}/mergers", status_code=201, response_model=City)
async def merge_commune(
    city_id: UUID, asked: MergeCommune, who: OfOperators, now: Now, attempt: Attempt
) -> Response:
    """The city continues under another NIS code since a day that has come (operator). Its id stays.

    Where another city that takes part has that code (409), say which (`beside`): this one keeps its own code.
    """

    async def work(tx: Transaction) -> Answer:
        new, by, at = (asked.nis_code, asked.merged_on), who.person_id, now()
        if asked.beside is not None:
            await join_beside(tx, city_id, asked.beside, *new, by=by, at=at)
        else:
            await use_cases.merge_commune(tx, city_id, *new, by=by, at=at)
        continued = city_shown(await storage.city_by_id(tx, city_id))
        location = {"Location": f"/api/v1/cities/{city_id}", "ETag": etag(continued.version)}
        return Answer(201, continued.model_dump(mode="json"), location)

    return await attempt.once(work)


@router.get("/cities", response_model=Listing[City], dependencies=[PUBLIC])
async def list_cities(
    request: Request, response: Response, db: Db, paging: Paging, nis_code: NisCode | None = None
) -> dict[str, Any]:
    """Cities that take part, in the order they joined. A code from before a merger finds its city."""
    wanted = storage.cities().order_by(city.c.id).limit(paging.limit + 1)
    if (after := paging.after(UUID)) is not None:
        wanted = wanted.where(city.c.id > after)
    if nis_code is not None:
        wanted = wanted.where(storage.is_named(nis_code))
    async with db.connection() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return page(request, response, [city_shown(row) for row in rows], paging.limit, lambda shown: shown.id)


@router.get("/cities/{city_id}", response_model=City, dependencies=[PUBLIC])
async def show_city(city_id: UUID, response: Response, db: Db) -> City:
    """One city; its ETag is what a change of it must match."""
    async with db.connection() as connection:
        row = await storage.city_by_id(connection, city_id)
    if row is None:
        raise not_found("city")
    response.headers["ETag"] = etag(row["version"])
    return city_shown(row)
