"""Merchants over HTTP: read by anybody, changed by their city and, in part, by their owner."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints
from sqlalchemy import ColumnElement, and_, select

from chassis.access import PUBLIC, Access, may
from chassis.http import Db, Listing, Now, ShortText
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import forbidden, not_found
from services.directory.merchants import storage, use_cases
from services.directory.merchants.domain import OWN_FIELDS
from services.directory.merchants.forms import KindFilter, MerchantShown, ReviseMerchant, shown
from services.directory.merchants.tables import matches_kind, merchant

router = APIRouter(prefix="/api/v1/merchants", tags=["merchants"])

OFFICERS = (Role.city_officer, Role.association_officer)
"""Who changes any detail; an owner changes OWN_FIELDS."""
SearchText = Annotated[ShortText, StringConstraints(max_length=100)]


@router.get("", response_model=Listing[MerchantShown], dependencies=[PUBLIC])
async def list_merchants(
    *,
    request: Request,
    response: Response,
    db: Db,
    paging: Paging,
    city: UUID | None = None,
    district: UUID | None = None,
    kind: KindFilter | None = None,
    q: Annotated[SearchText | None, Query(description="A part of the name.")] = None,
) -> dict[str, Any]:
    """Merchants that are listed, in the order they came."""
    conditions = _filters(city, district, kind, q)
    if (after := paging.after(UUID)) is not None:
        conditions.append(merchant.c.id > after)
    wanted = select(merchant).where(and_(*conditions)).order_by(merchant.c.id).limit(paging.limit + 1)
    async with db.connection() as connection:
        rows = await connection.execute(wanted)
        items = [shown(storage.of_row(row)) for row in rows]
    return page(request, response, items, paging.limit, lambda each: each.id)


def _filters(
    city: UUID | None, district: UUID | None, kind: str | None, q: str | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [merchant.c.closed.is_(False)]
    if city is not None:
        conditions.append(merchant.c.city_id == city)
    if district is not None:
        conditions.append(merchant.c.district_ids.contains([district]))
    if kind is not None:
        conditions.append(matches_kind(kind))
    if q is not None:
        conditions.append(merchant.c.name.icontains(q, autoescape=True))
    return conditions


@router.get("/{merchant_id}", response_model=MerchantShown, responses=problems(410), dependencies=[PUBLIC])
async def show_merchant(merchant_id: UUID, response: Response, db: Db) -> MerchantShown:
    """One merchant; its ETag is what a change of it must match. 410 where it is listed no more."""
    async with db.connection() as connection:
        row = (await connection.execute(select(merchant).where(merchant.c.id == merchant_id))).first()
    if row is None:
        raise not_found("merchant")
    if row.closed:
        raise use_cases.gone()
    response.headers["ETag"] = etag(row.version)
    return shown(storage.of_row(row))


@router.patch("/{merchant_id}", response_model=MerchantShown, responses=problems(410))
async def revise_merchant(
    *,
    merchant_id: UUID,
    asked: ReviseMerchant,
    who: Annotated[Access, may(Role.city_officer, Role.association_officer, Role.merchant)],
    expected: IfMatch,
    response: Response,
    db: Db,
    now: Now,
) -> MerchantShown:
    """Change details (officers; an owner: hours, phone, website). Null empties one."""
    changes = asked.changes()
    async with db.transaction() as tx:
        found, districts = await use_cases.open_with_districts(tx, merchant_id)
        who.within(city_id=found.city_id, merchant_id=found.id, districts=found.district_ids)
        others = sorted(changes.keys() - OWN_FIELDS)
        if others and not who.has(
            *OFFICERS, city_id=found.city_id, merchant_id=found.id, districts=found.district_ids
        ):
            raise forbidden(f"An owner changes {', '.join(sorted(OWN_FIELDS))}; not {', '.join(others)}.")
        expected.check(found.version)
        revised = await use_cases.revise_merchant(tx, found, changes, districts, now())
    response.headers["ETag"] = etag(revised.version)
    return shown(revised)


@router.post("/{merchant_id}/close", status_code=204)
async def close_merchant(
    merchant_id: UUID, who: Annotated[Access, may(Role.city_officer, Role.merchant)], db: Db, now: Now
) -> Response:
    """It exists no more, or objects to being listed (its city's officers, its owner). Asked twice: once."""
    async with db.transaction() as tx:
        found = await storage.lock_one(tx, merchant_id)
        if found is None:
            raise not_found("merchant")
        who.within(city_id=found.city_id, merchant_id=found.id)
        if not found.closed:
            await use_cases.close_merchant(tx, found, by=who.person_id, at=now())
    return Response(status_code=204)
