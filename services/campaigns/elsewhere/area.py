"""What is asked about: one shop, the shops of a district, or a city with what is said of the town."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access
from chassis.problems import invalid, not_found
from services.campaigns.elsewhere import shops
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.places.storage import is_closed
from services.campaigns.places.tables import known_district, known_merchant


@dataclass(frozen=True)
class Area:
    """One of the three."""

    merchant_id: UUID | None = None
    district_id: UUID | None = None
    city_id: UUID | None = None


async def _asked_for(
    merchant: Annotated[UUID | None, Query(description="This shop.")] = None,
    district: Annotated[UUID | None, Query(description="The shops of this district.")] = None,
    city: Annotated[UUID | None, Query(description="This city: its shops, and the town.")] = None,
) -> Area:
    if sum(each is not None for each in (merchant, district, city)) != 1:
        raise invalid("merchant", "name one shop (merchant), one district or one city")
    return Area(merchant, district, city)


AskedFor = Annotated[Area, Depends(_asked_for)]


def posts_of(area: Area) -> ColumnElement[bool]:
    """Posts that are shown there, as a condition."""
    shown = seen_post.c.shown & ~is_closed(seen_post.c.merchant_id)
    if area.merchant_id is not None:
        return shown & (seen_post.c.merchant_id == area.merchant_id)
    if area.city_id is not None:
        return shown & (seen_post.c.city_id == area.city_id)
    return shown & exists().where(known_merchant.c.id == seen_post.c.merchant_id, _lies_in(area))


def merchants_of(area: Area) -> ColumnElement[bool]:
    """Open shops there, as a condition on `known_merchant`."""
    known = known_merchant.c
    is_open = known.kind.is_not(None) & (func.coalesce(known.closed_version, 0) < known.setting_version)
    return is_open & _lies_in(area)


def _lies_in(area: Area) -> ColumnElement[bool]:
    if area.merchant_id is not None:
        return known_merchant.c.id == area.merchant_id
    if area.city_id is not None:
        return known_merchant.c.city_id == area.city_id
    return literal(area.district_id) == func.any(known_merchant.c.district_ids)


async def must_reach(who: Access, area: Area, connection: AsyncConnection) -> None:
    """Raises the problems 404 for what is unknown, and 403 for who has none of the route's roles there."""
    if area.merchant_id is not None:
        shops.must_reach(who, await shops.listed(connection, area.merchant_id))
    elif area.district_id is not None:
        query = select(known_district.c.city_id).where(known_district.c.id == area.district_id)
        city_id: Any = await connection.scalar(query)
        if city_id is None:
            raise not_found("district")
        who.within(city_id=city_id, districts=[area.district_id])
    else:
        who.within(city_id=area.city_id)
