"""What people read of an audience, from whichever slot is live."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.database import Database
from services.notifications.audience.slots import Slot
from services.notifications.audience.state import read_state
from services.notifications.visits.counts import VISIT


class Day(NamedTuple):
    """How many contributions of a kind were posted on a local day and neither withdrawn nor removed since."""

    day: date
    kind: str
    amount: int


class Counted(NamedTuple):
    """One contribution that a figure is made of."""

    contribution_id: UUID
    kind: str
    day: date


async def days_of(database: Database, merchant: UUID) -> list[Day]:
    """All figures of a merchant, oldest day first."""
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        rows = await connection.execute(_DAYS[live], {"merchant": merchant})
        return [Day(*row) for row in rows]


async def contributions_of(
    database: Database, merchant: UUID, before: UUID | None, limit: int
) -> Sequence[Counted]:
    """What a merchant's figures are made of, newest first, from below the id `before`."""
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        rows = await connection.execute(
            _CONTRIBUTIONS[live], {"merchant": merchant, "before": before, "limit": limit}
        )
        return [Counted(*row) for row in rows]


async def sums_of(database: Database, merchants: Collection[UUID]) -> dict[UUID, tuple[dict[str, int], date]]:
    """For each of the merchants that has an audience: totals by kind, and the first day that counts.

    Of what people did for it; visits, which they brought by it, would be added to that where it is added up.
    """
    found: dict[UUID, tuple[dict[str, int], date]] = {}
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        for merchant, kind, amount, day in await connection.execute(
            _SUMS[live], {"merchants": list(merchants)}
        ):
            totals, since = found.get(merchant, ({}, day))
            found[merchant] = ({**totals, kind: amount}, min(since, day))
    return found


_SUMS = {
    slot: text(f"""
        SELECT merchant_id, kind, sum(count), min(day) FROM {slot.days}
        WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND count > 0 AND kind <> '{VISIT}'
        GROUP BY merchant_id, kind
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
_DAYS = {
    slot: text(f"""
        SELECT day, kind, count FROM {slot.days}
        WHERE merchant_id = :merchant AND count > 0 ORDER BY day, kind
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
_CONTRIBUTIONS = {
    slot: text(f"""
        SELECT contribution_id, kind, day FROM {slot.contributions}
        WHERE merchant_id = :merchant AND NOT withdrawn AND NOT removed AND day IS NOT NULL
          AND (CAST(:before AS uuid) IS NULL OR contribution_id < :before)
        ORDER BY contribution_id DESC LIMIT :limit
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
