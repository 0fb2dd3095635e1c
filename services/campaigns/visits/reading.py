"""Visits by day, as they are read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.visits.domain import Count, Kind
from services.campaigns.visits.tables import visit_day

LONGEST_PERIOD = timedelta(days=366)


async def of_merchant(
    connection: AsyncConnection, merchant_id: UUID, since: date, until: date
) -> list[Count]:
    """A shop's visits by day and way, all ambassadors' links together; `until` is the last day.

    Whoever came by two links on one day is a visitor of both: visitors are told apart for one thing alone.
    """
    return await _read(connection, visit_day.c.merchant_id == merchant_id, since, until)


async def of_link(connection: AsyncConnection, link_id: UUID, since: date, until: date) -> list[Count]:
    """One link's visits by day."""
    return await _read(connection, visit_day.c.subject_id == link_id, since, until)


async def totals(connection: AsyncConnection, link_ids: Collection[UUID]) -> dict[UUID, int]:
    """All visits of each of these links that has any."""
    query = (
        select(visit_day.c.subject_id, func.sum(visit_day.c.visits))
        .where(visit_day.c.subject_id.in_(link_ids))
        .group_by(visit_day.c.subject_id)
    )
    return {subject: int(visits) for subject, visits in await connection.execute(query)}


async def _read(connection: AsyncConnection, of: Any, since: date, until: date) -> list[Count]:
    found: Select[Any] = (
        select(
            visit_day.c.day,
            visit_day.c.kind,
            func.sum(visit_day.c.visits),
            func.sum(visit_day.c.visitors),
        )
        .where(of, visit_day.c.day.between(since, until))
        .group_by(visit_day.c.day, visit_day.c.kind)
        .order_by(visit_day.c.day, visit_day.c.kind)
    )
    rows = await connection.execute(found)
    return [Count(day, Kind(kind), int(visits), int(visitors)) for day, kind, visits, visitors in rows]
