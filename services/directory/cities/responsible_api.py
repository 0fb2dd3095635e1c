"""Who answers for a city in public, over HTTP: named by its officers; the city itself shows it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import RowMapping

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Db, Now
from chassis.identity import Role
from chassis.preconditions import IfMatch, etag
from chassis.problems import not_found
from services.directory.cities import responsible, storage
from services.directory.cities.shown import City, NamePerson, city_shown

router = APIRouter(prefix="/api/v1/cities/{city_id}", tags=["cities"])

OfTheCity = Annotated[Access, may(Role.city_officer, Role.operator)]


@router.put("/responsible", response_model=City)
async def name_responsible(
    *,
    city_id: UUID,
    named: NamePerson,
    who: OfTheCity,
    expected: IfMatch,
    response: Response,
    db: Db,
    now: Now,
) -> City:
    """Somebody else answers for the city from now on (its officers, operator)."""
    who.within(city_id=city_id)
    async with db.transaction() as tx:
        await responsible.require_account(tx, named.named())
        locked = await _locked(tx, city_id, expected)
        await responsible.name_responsible(tx, locked, named.named(), by=who.person_id, at=now())
        return await _changed(tx, city_id, response)


@router.put("/deputy", response_model=City)
async def name_deputy(
    *,
    city_id: UUID,
    named: NamePerson,
    who: OfTheCity,
    expected: IfMatch,
    response: Response,
    db: Db,
    now: Now,
) -> City:
    """Somebody stands in for whoever is responsible, of the city or of elsewhere (its officers, operator)."""
    who.within(city_id=city_id)
    async with db.transaction() as tx:
        await responsible.require_account(tx, named.named())
        locked = await _locked(tx, city_id, expected)
        await responsible.name_deputy(tx, locked, named.named(), by=who.person_id, at=now())
        return await _changed(tx, city_id, response)


@router.delete("/deputy", response_model=City)
async def withdraw_deputy(
    *, city_id: UUID, who: OfTheCity, expected: IfMatch, response: Response, db: Db, now: Now
) -> City:
    """Nobody is deputy from now on (its officers, operator)."""
    who.within(city_id=city_id)
    async with db.transaction() as tx:
        locked = await _locked(tx, city_id, expected)
        await responsible.withdraw_deputy(tx, locked, by=who.person_id, at=now())
        return await _changed(tx, city_id, response)


async def _locked(tx: Transaction, city_id: UUID, expected: IfMatch) -> RowMapping:
    locked = await storage.lock(tx, city_id)
    if locked is None:
        raise not_found("city")
    expected.check(locked["version"])
    return locked


async def _changed(tx: Transaction, city_id: UUID, response: Response) -> City:
    changed = city_shown(await storage.city_by_id(tx, city_id))
    response.headers["ETag"] = etag(changed.version)
    return changed
