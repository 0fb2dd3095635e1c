"""Who has which role, and has it no more."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, select

from chassis.access import MAY_PERSON, Access, may
from chassis.database import Database
from chassis.http import Db, Listing, Now, Shown
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.pagination import PageRequest, Paging, page
from chassis.problems import not_found
from services.directory.cities import storage as cities
from services.directory.merchants.tables import merchant
from services.directory.people.tables import role_grant
from services.directory.roles import storage, use_cases

router = APIRouter(prefix="/api/v1", tags=["roles"])


class RoleShown(Shown):
    """A role and who has it."""

    id: UUID
    role: str
    city_id: UUID | None
    merchant_id: UUID | None
    district_id: UUID | None
    person_id: UUID
    display_name: str | None
    email: str | None
    """Null for who may see the name alone."""
    granted_at: datetime


@router.get("/cities/{city_id}/roles", response_model=Listing[RoleShown])
async def list_roles_of_city(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: Annotated[Access, may(Role.city_officer, Role.operator)],
    db: Db,
    paging: Paging,
) -> dict[str, Any]:
    """Officers, associations' officers and consultants of a city (its officers, operator)."""
    who.within(city_id=city_id)
    async with db.connection() as connection:
        if await cities.city_by_id(connection, city_id) is None:
            raise not_found("city")
    return await _page(request, response, db, paging, storage.in_city(city_id), cities=who.cities)


@router.get("/merchants/{merchant_id}/roles", response_model=Listing[RoleShown])
async def list_roles_at_shop(
    *,
    merchant_id: UUID,
    request: Request,
    response: Response,
    who: Annotated[Access, may(Role.merchant, Role.merchant_staff, Role.city_officer)],
    db: Db,
    paging: Paging,
) -> dict[str, Any]:
    """Owner and staff of a shop (themselves, its city's officers). Staff see no addresses."""
    async with db.connection() as connection:
        found = select(merchant.c.city_id).where(merchant.c.id == merchant_id)
        city_id = (await connection.execute(found)).scalar_one_or_none()
    who.within(city_id=city_id, merchant_id=merchant_id)
    addresses = who.has(Role.merchant, Role.city_officer, city_id=city_id, merchant_id=merchant_id)
    shown = storage.at_shop(merchant_id)
    return await _page(request, response, db, paging, shown, cities=who.cities, addresses=addresses)


@router.get("/roles", response_model=Listing[RoleShown], dependencies=[may(Role.operator)])
async def list_roles_everywhere(
    request: Request, response: Response, db: Db, paging: Paging
) -> dict[str, Any]:
    """Operators, and consultants of all cities (operator)."""
    return await _page(request, response, db, paging, storage.everywhere(), cities=None)


@router.delete("/roles/{role_id}", status_code=204, responses=problems(409))
async def withdraw_role(role_id: UUID, who: Annotated[Principal, MAY_PERSON], db: Db, now: Now) -> Response:
    """Somebody has a role no more: whoever gives it there takes it, whoever has it lays it down.

    409 for the last officer of a city (unless an operator asks), the last operator, the owner of a shop.
    """
    async with db.transaction() as tx:
        await use_cases.withdraw(tx, role_id, by=who.person_id, carried=who.grants, at=now())
    return Response(status_code=204)


async def _page(
    request: Request,
    response: Response,
    db: Database,
    paging: PageRequest,
    which: ColumnElement[bool],
    *,
    cities: Collection[UUID] | None,
    addresses: bool = True,
) -> dict[str, Any]:
    wanted = storage.holders().where(which).limit(paging.limit + 1)
    if (after := paging.after(UUID)) is not None:
        wanted = wanted.where(role_grant.c.id > after)
    async with db.scoped(cities) as connection:
        found = [storage.held(row) for row in await connection.execute(wanted)]
    shown = [_shown(each, addresses=addresses) for each in found]
    return page(request, response, shown, paging.limit, lambda each: each.id)


def _shown(held: storage.Held, *, addresses: bool) -> RoleShown:
    return RoleShown(
        id=held.id,
        role=held.grant.role.value,
        city_id=held.grant.city_id,
        merchant_id=held.grant.merchant_id,
        district_id=held.grant.district_id,
        person_id=held.person_id,
        display_name=held.display_name,
        email=held.email if addresses else None,
        granted_at=held.granted_at,
    )
