"""Rows of cities and districts."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.directory.cities.domain import Districts, Named
from services.directory.cities.tables import city, city_nis_code, district


def cities() -> Select[Any]:
    """All cities with the code each has today."""
    current = city_nis_code.c.valid_until.is_(None)
    return select(city, city_nis_code.c.nis_code).join(city_nis_code).where(current)


def is_named(nis_code: str) -> ColumnElement[bool]:
    """Narrows `cities()` to the one that has this code or, where none has it today, had it last."""
    last = (
        select(city_nis_code.c.city_id)
        .where(city_nis_code.c.nis_code == nis_code)
        .order_by(city_nis_code.c.valid_until.desc().nulls_first(), city_nis_code.c.version.desc())
        .limit(1)
        .correlate(None)
    )
    return city.c.id == last.scalar_subquery()


async def city_by_id(connection: AsyncConnection, city_id: UUID) -> RowMapping | None:
    """The city, with the code it has today."""
    found: RowMapping | None = (
        (await connection.execute(cities().where(city.c.id == city_id))).mappings().first()
    )
    return found


async def city_of_code(connection: AsyncConnection, nis_code: str) -> UUID | None:
    """Which city has this NIS code today."""
    found = select(city_nis_code.c.city_id).where(
        city_nis_code.c.nis_code == nis_code, city_nis_code.c.valid_until.is_(None)
    )
    city_id: UUID | None = (await connection.execute(found)).scalar_one_or_none()
    return city_id


async def present_code(tx: Transaction, city_id: UUID) -> Named:
    """The code a city that exists has today, and since when."""
    found = select(city_nis_code.c.nis_code, city_nis_code.c.valid_from).where(
        city_nis_code.c.city_id == city_id, city_nis_code.c.valid_until.is_(None)
    )
    row = (await tx.execute(found)).one()
    return Named(row.nis_code, row.valid_from)


async def lock(tx: Transaction, city_id: UUID) -> RowMapping | None:
    """The city, locked against everything that adds districts or merchants; None where there is none."""
    rows = await tx.execute(select(city).where(city.c.id == city_id).with_for_update(key_share=True))
    return rows.mappings().first()


async def lock_districts(tx: Transaction, city_id: UUID) -> Districts:
    """The city's districts, which stay as they are until the transaction ends."""
    await tx.execute(select(city.c.id).where(city.c.id == city_id).with_for_update(read=True))
    return await districts(tx, city_id)


def present_districts() -> Select[Any]:
    """Districts that were not removed."""
    return select(district).where(district.c.removed_at.is_(None))


async def districts(connection: AsyncConnection, city_id: UUID) -> Districts:
    """The city's districts, to ask which of them hold a place."""
    rows = await connection.execute(present_districts().where(district.c.city_id == city_id))
    return Districts({row.id: row.polygon for row in rows})
