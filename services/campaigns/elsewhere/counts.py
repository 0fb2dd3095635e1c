"""Counts elsewhere as they are read: a shop's series, and what was noted before it was corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.problems import not_found
from services.campaigns.elsewhere.domain import Measure
from services.campaigns.elsewhere.tables import noted_count, noted_count_version

_OF = noted_count.c
is_noted = _OF.figure.is_not(None)
"""As a condition: it was not taken back."""


async def series(
    connection: AsyncConnection,
    merchant_id: UUID,
    wanted: dict[str, Any],
    after: tuple[date, UUID] | None,
    most: int,
) -> Sequence[RowMapping]:
    """A shop's counts, the newest day first; of a platform or a measure where these are `wanted`."""
    query = select(noted_count).where(_OF.merchant_id == merchant_id, is_noted)
    for name, value in wanted.items():
        query = query.where(_OF[name] == value)
    if after is not None:
        query = query.where(tuple_(_OF.day, _OF.id) < after)
    newest = query.order_by(_OF.day.desc(), _OF.id.desc()).limit(most)
    return (await connection.execute(newest)).mappings().all()


async def versions(connection: AsyncConnection, count_id: UUID) -> Sequence[RowMapping]:
    """All that it ever was, the first first."""
    query = select(noted_count_version).where(noted_count_version.c.count_id == count_id)
    return (await connection.execute(query.order_by(noted_count_version.c.version))).mappings().all()


async def find(connection: AsyncConnection, count_id: UUID) -> RowMapping:
    """Raises the problem 404 for one that is unknown or was taken back."""
    return await _one(connection, select(noted_count).where(_OF.id == count_id, is_noted))


async def locked(tx: Transaction, count_id: UUID) -> RowMapping:
    """The same, to be changed."""
    return await _one(tx, select(noted_count).where(_OF.id == count_id, is_noted).with_for_update())


async def _one(connection: AsyncConnection, query: Any) -> RowMapping:
    row: RowMapping | None = (await connection.execute(query)).mappings().first()
    if row is None:
        raise not_found("count")
    return row


def of(measure: Measure | None, platform: str | None) -> dict[str, Any]:
    """What `series` wants."""
    asked = {"measure": measure and measure.value, "platform": platform}
    return {name: value for name, value in asked.items() if value is not None}
