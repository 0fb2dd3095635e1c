"""What people read of an audience, from whichever slot is live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.database import Database
from services.notifications.audience.slots import Slot
from services.notifications.audience.state import read_state
from services.notifications.contributions.domain import ANSWER, VISIT

AMBASSADOR = "ambassador"
"""A kind to ask by what ambassadors are counted from: their contributions."""


class Day(NamedTuple):
    """How many of a kind there were on a local day: posted then, and neither withdrawn nor removed since."""

    day: date
    kind: str
    amount: int


class Period(NamedTuple):
    """Local days, both included; None: no bound."""

    since: date | None = None
    until: date | None = None


class Counted(NamedTuple):
    """One contribution, following or answer that a figure is made of."""

    contribution_id: UUID
    kind: str
    day: date


class Visited(NamedTuple):
    """How often one ambassador's link brought people on one day."""

    count_id: UUID
    day: date
    visits: int


class Active(NamedTuple):
    """Different people who contributed."""

    total: int
    """Who did so on two days is one of them."""
    days: list[tuple[date, int]]


async def audience_of(database: Database, merchant: UUID) -> tuple[dict[str, int], list[Day], Active]:
    """A merchant's totals by kind, all its figures, and its ambassadors; oldest day first."""
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        days = [Day(*row) for row in await connection.execute(_DAYS[live], {"merchant": merchant})]
        people = (await connection.execute(_PEOPLE[live], {"merchant": merchant})).scalar_one()
        active = [(row[0], row[1]) for row in await connection.execute(_ACTIVE[live], {"merchant": merchant})]
    totals: Counter[str] = Counter()
    for each in days:
        totals[each.kind] += each.amount
    return dict(sorted(totals.items())), days, Active(people, active)


async def contributions_of(
    database: Database, merchant: UUID, kind: str | None, period: Period, *, before: UUID | None, limit: int
) -> Sequence[Counted]:
    """What a merchant's figures are made of, newest first, from below the id `before`."""
    columns = {"merchant": merchant, "kind": kind, "before": before, "limit": limit, **period._asdict()}
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        return [Counted(*row) for row in await connection.execute(_CONTRIBUTIONS[live], columns)]


async def visits_of(
    database: Database, merchant: UUID, period: Period, before: UUID | None, limit: int
) -> Sequence[Visited]:
    """What a merchant's visits are made of, by falling id, from below `before`."""
    columns = {"merchant": merchant, "before": before, "limit": limit, **period._asdict()}
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        return [Visited(*row) for row in await connection.execute(_VISITS[live], columns)]


async def sums_of(database: Database, merchants: Collection[UUID]) -> dict[UUID, tuple[dict[str, int], date]]:
    """For each of the merchants that has an audience: totals by kind, and the first day that counts.

    Of what people did for it alone. Visits, which they brought by it, and what the shop answered would be
    added to that where it is added up.
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


_COUNTS = "NOT withdrawn AND NOT removed AND day IS NOT NULL"
_IN_PERIOD = """(CAST(:since AS date) IS NULL OR day >= :since)
          AND (CAST(:until AS date) IS NULL OR day <= :until)"""
_SUMS = {
    slot: text(f"""
        SELECT merchant_id, kind, sum(count), min(day) FROM {slot.days}
        WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND count > 0
          AND kind NOT IN ('{VISIT}', '{ANSWER}')
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
_PEOPLE = {
    slot: text(f"""
        SELECT count(DISTINCT author) FROM {slot.contributions} WHERE merchant_id = :merchant AND {_COUNTS}
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
_ACTIVE = {
    slot: text(f"""
        SELECT day, count(DISTINCT author) FROM {slot.contributions}
        WHERE merchant_id = :merchant AND author IS NOT NULL AND {_COUNTS} GROUP BY day ORDER BY day
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
# Of whom there are so many ambassadors: their contributions.
_CONTRIBUTIONS = {
    slot: text(f"""
        SELECT contribution_id, kind, day FROM {slot.contributions}
        WHERE merchant_id = :merchant AND {_COUNTS} AND {_IN_PERIOD}
          AND (CAST(:kind AS text) IS NULL OR kind = :kind OR (:kind = '{AMBASSADOR}' AND author IS NOT NULL))
          AND (CAST(:before AS uuid) IS NULL OR contribution_id < :before)
        ORDER BY contribution_id DESC LIMIT :limit
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
_VISITS = {
    slot: text(f"""
        SELECT count_id, day, visits FROM {slot.visits}
        WHERE merchant_id = :merchant AND visits > 0 AND {_IN_PERIOD}
          AND (CAST(:before AS uuid) IS NULL OR count_id < :before)
        ORDER BY count_id DESC LIMIT :limit
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
