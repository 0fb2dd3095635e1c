"""Cities over HTTP. Reading them needs no token: a city acts in public."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Now, ShortText, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import not_found
from services.directory.cities import storage, use_cases
from services.directory.cities.tables import city
from services.directory.cities.use_cases import Responsible

router = APIRouter(prefix="/api/v1", tags=["cities"])

OfTheCity = Annotated[Access, may(Role.city_officer, Role.operator)]
OfOperators = Annotated[Access, may(Role.operator)]
NisCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]


class ResponsiblePerson(Body):
    """Who answers for the city's initiative: everybody is concerned, and somebody is named."""

    name: ShortText
    role: ShortText


class JoinCity(Body):
    """A commune by its NIS code, and who is responsible there (can be named later)."""

    nis_code: NisCode
    responsible: ResponsiblePerson | None = None


class MergeCommune(Body):
    """The NIS code of the commune that the city's own became part of, and the first day of it."""

    nis_code: NisCode
    merged_on: date


class City(Shown):
    """A city that takes part."""

    id: UUID
    version: int
    nis_code: str
    name: dict[str, str]
    """By language; communes without a Dutch or French name of their own repeat the other."""
    responsible: ResponsiblePerson | None


def _city(row: Any) -> City:
    responsible = None
    if row["responsible_name"] is not None:
        responsible = ResponsiblePerson(name=row["responsible_name"], role=row["responsible_role"])
    return City(
        id=row["id"],
        version=row["version"],
        nis_code=row["nis_code"],
        name={"fr": row["name_fr"], "nl": row["name_nl"]},
        responsible=responsible,
    )


@router.post("/cities", status_code=201, response_model=City)
async def join_city(asked: JoinCity, who: OfOperators, now: Now, attempt: Attempt) -> Response:
    """A city takes part from now on (operator)."""
    named = asked.responsible
    responsible = Responsible(named.name, named.role) if named else None

    async def work(tx: Transaction) -> Answer:
        city_id = await use_cases.join_city(tx, asked.nis_code, responsible, by=who.person_id, at=now())
        joined = _city(await storage.city_by_id(tx, city_id))
        location = {"Location": f"/api/v1/cities/{city_id}", "ETag": etag(joined.version)}
        return Answer(201, joined.model_dump(mode="json"), location)

    return await attempt.once(work)


@router.post("/cities/{city_id}/mergers", status_code=201, response_model=City)
async def merge_commune(
    city_id: UUID, asked: MergeCommune, who: OfOperators, now: Now, attempt: Attempt
) -> Response:
    """The city continues under another NIS code since a day that has come (operator). Its id stays."""

    async def work(tx: Transaction) -> Answer:
        await use_cases.merge_commune(
            tx, city_id, asked.nis_code, asked.merged_on, by=who.person_id, at=now()
        )
        continued = _city(await storage.city_by_id(tx, city_id))
        location = {"Location": f"/api/v1/cities/{city_id}", "ETag": etag(continued.version)}
        return Answer(201, continued.model_dump(mode="json"), location)

    return await attempt.once(work)


@router.get("/cities", response_model=Listing[City], dependencies=[PUBLIC])
async def list_cities(
    request: Request, response: Response, db: Db, paging: Paging, nis_code: NisCode | None = None
) -> dict[str, Any]:
    """Cities that take part, in the order they joined."""
    wanted = storage.cities().order_by(city.c.id).limit(paging.limit + 1)
    if (after := paging.after(UUID)) is not None:
        wanted = wanted.where(city.c.id > after)
    if nis_code is not None:
        wanted = wanted.where(storage.is_named(nis_code))
    async with db.connection() as connection:
        rows = (await connection.execute(wanted)).mappings().all()
    return page(request, response, [_city(row) for row in rows], paging.limit, lambda shown: shown.id)


@router.get("/cities/{city_id}", response_model=City, dependencies=[PUBLIC])
async def show_city(city_id: UUID, response: Response, db: Db) -> City:
    """One city; its ETag is what a change of it must match."""
    async with db.connection() as connection:
        row = await storage.city_by_id(connection, city_id)
    if row is None:
        raise not_found("city")
    response.headers["ETag"] = etag(row["version"])
    return _city(row)


@router.put("/cities/{city_id}/responsible", response_model=City)
async def name_responsible(
    *,
    city_id: UUID,
    named: ResponsiblePerson,
    who: OfTheCity,
    expected: IfMatch,
    response: Response,
    db: Db,
    now: Now,
) -> City:
    """Somebody else answers for the city from now on (its officers, operator)."""
    who.within(city_id=city_id)
    async with db.transaction() as tx:
        locked = await storage.lock(tx, city_id)
        if locked is None:
            raise not_found("city")
        expected.check(locked["version"])
        responsible = Responsible(named.name, named.role)
        await use_cases.name_responsible(
            tx, city_id, locked["version"], responsible, by=who.person_id, at=now()
        )
        changed = _city(await storage.city_by_id(tx, city_id))
    response.headers["ETag"] = etag(changed.version)
    return changed
