"""Reads what the public sees of merchants: pages of a list, and one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.directory.merchants import storage
from services.directory.merchants.domain import Merchant
from services.directory.merchants.hours import state_of
from services.directory.merchants.tables import IS_PUBLIC, matches_kind, merchant

ROWS_AT_ONCE = 500
MOST_LOOKED_AT = 2_000
"""Rows whose hours one request reads: some fifty milliseconds. The next page goes on from there."""


@dataclass
class Read:
    """Some merchants in the order of their ids."""

    merchants: list[Merchant] = field(default_factory=list)
    to: UUID | None = None
    """Up to where was looked, where there may be more than was found."""


async def one(connection: AsyncConnection, merchant_id: UUID) -> Merchant | None:
    """The merchant as it is just now, public or not."""
    row = (await connection.execute(select(merchant).where(merchant.c.id == merchant_id))).first()
    return None if row is None else storage.of_row(row)


def wanted(city: UUID | None, district: UUID | None, kind: str | None, q: str | None) -> Select[Any]:
    """Public merchants: of a city, a district, a kind, with a part of a name."""
    conditions: list[ColumnElement[bool]] = [IS_PUBLIC]
    if city is not None:
        conditions.append(merchant.c.city_id == city)
    if district is not None:
        conditions.append(merchant.c.district_ids.contains([district]))
    if kind is not None:
        conditions.append(matches_kind(kind))
    if q is not None:
        conditions.append(merchant.c.name.icontains(q, autoescape=True))
    return select(merchant).where(and_(*conditions)).order_by(merchant.c.id)


async def some(
    connection: AsyncConnection,
    wanted: Select[Any],
    after: UUID | None,
    most: int,
    *,
    open_at: datetime | None = None,
) -> Read:
    """At most that many of them behind `after`; with `open_at` those that are open then."""
    if open_at is None:
        return Read(await _behind(connection, wanted, after, most))
    read, looked_at = Read(to=after), 0
    wanted = wanted.where(merchant.c.opening_hours.is_not(None))
    while looked_at < MOST_LOOKED_AT and len(read.merchants) < most:
        rows = await _behind(connection, wanted, read.to, ROWS_AT_ONCE)
        for each in rows:
            if len(read.merchants) < most and _is_open(each, open_at):
                read.merchants.append(each)
        if len(rows) < ROWS_AT_ONCE:
            return Read(read.merchants)
        read.to, looked_at = rows[-1].id, looked_at + len(rows)
    return read


async def _behind(
    connection: AsyncConnection, wanted: Select[Any], after: UUID | None, most: int
) -> list[Merchant]:
    if after is not None:
        wanted = wanted.where(merchant.c.id > after)
    return [storage.of_row(row) for row in await connection.execute(wanted.limit(most))]


def _is_open(each: Merchant, at: datetime) -> bool:
    return state_of(each.details, at).open_now is True
