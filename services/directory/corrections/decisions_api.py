"""Corrections over HTTP: the queue of a city and of a shop, and what is decided."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access, may
from chassis.http import Db, Listing, Now
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import forbidden, not_found
from services.directory.corrections import use_cases
from services.directory.corrections.domain import OF_OWNERS, Correction, State
from services.directory.corrections.forms import Accept, CorrectionShown, Refuse, shown
from services.directory.corrections.tables import merchant_correction
from services.directory.merchants import storage as merchants
from services.directory.merchants.domain import Merchant
from services.directory.merchants.forms import require_in_country

router = APIRouter(prefix="/api/v1", tags=["merchants"])
Officer = Annotated[Access, may(Role.city_officer)]
Decider = Annotated[Access, may(Role.city_officer, Role.merchant)]


@router.get("/cities/{city_id}/merchant-corrections", response_model=Listing[CorrectionShown])
async def list_corrections_of_city(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: Officer,
    db: Db,
    paging: Paging,
    state: State = State.OPEN,
) -> dict[str, Any]:
    """Corrections of a city's shops, the first first (its officers)."""
    who.within(city_id=city_id)
    async with db.scoped(who.cities) as connection:
        items = await _some(connection, merchant_correction.c.city_id == city_id, state, paging)
    return page(request, response, items, paging.limit, lambda each: each.id)


@router.get(
    "/merchants/{merchant_id}/corrections",
    response_model=Listing[CorrectionShown],
    responses=problems(404),
)
async def list_corrections_of_merchant(
    *,
    merchant_id: UUID,
    request: Request,
    response: Response,
    who: Decider,
    db: Db,
    paging: Paging,
    state: State = State.OPEN,
) -> dict[str, Any]:
    """Corrections of one shop, the first first (its owner, its city's officers)."""
    async with db.connection() as connection:
        city_id = await merchants.city_of(connection, merchant_id)
        if city_id is None:
            raise not_found("merchant")
        who.within(city_id=city_id, merchant_id=merchant_id)
        items = await _some(connection, merchant_correction.c.merchant_id == merchant_id, state, paging)
    return page(request, response, items, paging.limit, lambda each: each.id)


@router.post(
    "/merchant-corrections/{correction_id}/accept",
    response_model=CorrectionShown,
    responses=problems(404, 409, 410),
)
async def accept_correction(
    correction_id: UUID, asked: Accept, who: Decider, db: Db, now: Now
) -> CorrectionShown:
    """It is so, and the shop is changed (officers; its owner, what an owner changes). 409 shows conflicts."""
    async with db.transaction() as tx:
        found, shop, districts = await use_cases.locked(tx, correction_id)
        _may_decide(who, found)
        accepted = await use_cases.accept(
            tx, found, shop, districts, where=asked.where(), anyway=asked.anyway, by=who.person_id, at=now()
        )
        (changed,) = await merchants.these(tx, [shop.id])
        require_in_country(changed.details)
    return shown(accepted, changed.details)


@router.post(
    "/merchant-corrections/{correction_id}/refuse",
    response_model=CorrectionShown,
    responses=problems(404, 409),
)
async def refuse_correction(
    correction_id: UUID, asked: Refuse, who: Decider, db: Db, now: Now
) -> CorrectionShown:
    """It is not so, for this reason, which its author reads (officers; its owner as for accepting)."""
    async with db.transaction() as tx:
        found, shop, _ = await use_cases.locked(tx, correction_id)
        _may_decide(who, found)
        refused = await use_cases.refuse(tx, found, asked.reason, by=who.person_id, at=now())
    return shown(refused, shop.details)


@router.post(
    "/merchant-corrections/{correction_id}/revert",
    response_model=CorrectionShown,
    responses=problems(404, 409),
)
async def revert_correction(correction_id: UUID, who: Officer, db: Db, now: Now) -> CorrectionShown:
    """What was accepted was wrong: it is put back, where nobody changed it since (officers)."""
    async with db.transaction() as tx:
        found, shop, districts = await use_cases.locked(tx, correction_id)
        who.within(city_id=found.city_id)
        reverted = await use_cases.revert(tx, found, shop, districts, by=who.person_id, at=now())
        (changed,) = await merchants.these(tx, [shop.id])
    return shown(reverted, changed.details)


def _may_decide(who: Access, found: Correction) -> None:
    who.within(city_id=found.city_id, merchant_id=found.merchant_id)
    if found.field not in OF_OWNERS and not who.has(Role.city_officer, city_id=found.city_id):
        raise forbidden(f"The city's officers decide about {found.field.value}.")


async def _some(
    connection: AsyncConnection, of: ColumnElement[bool], state: State, paging: Paging
) -> list[CorrectionShown]:
    known = merchant_correction.c
    wanted = select(merchant_correction).where(of, known.state == state.value)
    if (last := paging.after(UUID)) is not None:
        wanted = wanted.where(known.id > last)
    rows = await connection.execute(wanted.order_by(known.id).limit(paging.limit + 1))
    found = [Correction.of_row(dict(row)) for row in rows.mappings()]
    shops: dict[UUID, Merchant] = {
        each.id: each for each in await merchants.these(connection, {each.merchant_id for each in found})
    }
    return [shown(each, shops[each.merchant_id].details) for each in found]
