"""A shop that things are noted of, and in whose name somebody speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access
from chassis.identity import Role
from chassis.problems import not_found
from services.campaigns.elsewhere.domain import Source
from services.campaigns.places.storage import merchant_of_row
from services.campaigns.places.tables import known_merchant

WRITERS = (Role.merchant, Role.merchant_staff, Role.consultant, Role.city_officer)
"""Who keeps what is known of a shop elsewhere."""
READERS = (*WRITERS, Role.association_officer)
"""Who sees its figures: they may be those of somebody who trades alone."""
_SOURCES = {
    Role.city_officer: Source.OFFICER,
    Role.consultant: Source.CONSULTANT,
    Role.merchant: Source.MERCHANT,
    Role.merchant_staff: Source.MERCHANT,
}
"""Whoever has several roles there speaks in the first."""


@dataclass(frozen=True)
class Shop:
    """Where it lies."""

    id: UUID
    city_id: UUID
    district_ids: tuple[UUID, ...]


async def listed(connection: AsyncConnection, merchant_id: UUID) -> Shop:
    """The shop. Raises the problem 404 for one that is unknown, closed or not listed."""
    query = select(known_merchant).where(known_merchant.c.id == merchant_id)
    row = (await connection.execute(query)).mappings().first()
    found = merchant_of_row(row) if row is not None else None
    if found is None or found.setting is None or found.closed:
        raise not_found("merchant")
    return Shop(found.id, found.city_id, found.setting.district_ids)


def must_reach(who: Access, shop: Shop) -> None:
    """Raises the problem 403 for who has none of the route's roles there."""
    who.within(city_id=shop.city_id, merchant_id=shop.id, districts=shop.district_ids)


def speaks_as(who: Access, shop: Shop) -> Source:
    """The same, and as what they do."""
    must_reach(who, shop)
    return next(
        source
        for role, source in _SOURCES.items()
        if who.has(role, city_id=shop.city_id, merchant_id=shop.id, districts=shop.district_ids)
    )
