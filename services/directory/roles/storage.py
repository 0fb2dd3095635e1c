"""Rows of roles, with who has them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Grant, Role
from services.directory.erasures.tables import erasure
from services.directory.people.tables import person, role_grant


@dataclass(frozen=True)
class Held:
    """A role that somebody has."""

    id: UUID
    person_id: UUID
    grant: Grant
    granted_at: datetime
    display_name: str | None
    email: str


def holders() -> Select[Any]:
    """All roles with their holders, oldest first."""
    return (
        select(role_grant, person.c.display_name, person.c.email)
        .join(person, person.c.id == role_grant.c.person_id)
        .order_by(role_grant.c.id)
    )


def in_city(city_id: UUID) -> ColumnElement[bool]:
    """Those who act for a city: its own, and consultants of all cities. Its shops are not the city's."""
    for_it = and_(
        role_grant.c.city_id == city_id,
        role_grant.c.role.not_in((Role.merchant.value, Role.merchant_staff.value)),
    )
    return or_(for_it, and_(role_grant.c.city_id.is_(None), role_grant.c.role == Role.consultant.value))


def at_shop(merchant_id: UUID) -> ColumnElement[bool]:
    """Those who own the shop or work there."""
    return and_(
        role_grant.c.merchant_id == merchant_id,
        role_grant.c.role.in_((Role.merchant.value, Role.merchant_staff.value)),
    )


def everywhere() -> ColumnElement[bool]:
    """Operators, and consultants of all cities."""
    return and_(
        role_grant.c.city_id.is_(None), role_grant.c.role.in_((Role.operator.value, Role.consultant.value))
    )


def held(row: Row[Any]) -> Held:
    """The role in a row of `holders()`."""
    return Held(
        id=row.id,
        person_id=row.person_id,
        grant=Grant(Role(row.role), row.city_id, row.merchant_id, row.district_id),
        granted_at=row.granted_at,
        display_name=row.display_name,
        email=row.email,
    )


async def by_id(connection: AsyncConnection, grant_id: UUID) -> Held | None:
    """The role of that id, or None."""
    row = (await connection.execute(holders().where(role_grant.c.id == grant_id))).first()
    return held(row) if row is not None else None


async def lock_peers(tx: Transaction, grant: Grant) -> set[UUID]:
    """The persons who have this very role there and keep it: none loses it until `tx` ends but by it.

    Whoever confirmed that they want to be forgotten has it for some seconds more, and is none of them.
    """
    rows = await tx.execute(
        select(role_grant).where(_same(grant)).order_by(role_grant.c.id).with_for_update()
    )
    holders = {row.person_id for row in rows}
    # Behind the lock: who confirmed while it was waited for is seen.
    leaving = select(erasure.c.person_id).where(
        erasure.c.person_id.in_(holders), erasure.c.confirmed_at.is_not(None)
    )
    return holders - set((await tx.execute(leaving)).scalars())


async def remove(tx: Transaction, person_id: UUID, grant: Grant) -> bool:
    """The person has the role no more; whether they had it."""
    gone = await tx.execute(delete(role_grant).where(role_grant.c.person_id == person_id, _same(grant)))
    return gone.rowcount > 0


def _same(grant: Grant) -> ColumnElement[bool]:
    return and_(
        role_grant.c.role == grant.role.value,
        role_grant.c.city_id.is_not_distinct_from(grant.city_id),
        role_grant.c.merchant_id.is_not_distinct_from(grant.merchant_id),
        role_grant.c.district_id.is_not_distinct_from(grant.district_id),
    )
