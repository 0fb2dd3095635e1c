"""A week of a merchant's audience, read from whichever slot is live, beside what it is compared with."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from services.notifications.audience.slots import Slot
from services.notifications.audience.state import read_state
from services.notifications.campaigns.periods import Around, campaigns_around
from services.notifications.growth.domain import (
    FEWEST_PEERS,
    FEWEST_WEEKS,
    KINDS,
    WEEKS_BEFORE,
    Judged,
    Verdict,
    compared,
    judge,
    weeks_before,
)

_LOCAL = ZoneInfo("Europe/Brussels")
_A_YEAR_AND_A_WEEK = timedelta(weeks=53)


class Peers(NamedTuple):
    """Open shops of the same kind that share a district with a merchant, in the same week."""

    median: float
    """Of their counts."""
    verdict: Verdict
    """Of their sum, beside their own eight weeks before."""


class Growth(NamedTuple):
    """A week, compared."""

    week: date
    kinds: list[Judged]
    shops: int
    """How many peers there are."""
    peers: dict[str, Peers]
    """By kind; empty where there are too few of them."""
    around: Around
    """Campaigns, from the first of the eight weeks before to the end of this one."""


async def growth_of(database: Database, merchant: UUID, week: date) -> Growth:
    """How that week (its Monday) went."""
    async with database.connection() as connection:
        live = (await read_state(connection)).live
        around = await _around(connection, merchant, week)
        own, known_since = await _own(connection, live, merchant, week)
        shops, peers = await _peers(connection, live, merchant, week, around)
    # Known since after the week: nothing is known of what came before.
    judged = judge(own, week, known_since or week, after_campaign=around.over)
    return Growth(week, judged, shops, peers, around)


async def _around(connection: AsyncConnection, merchant: UUID, week: date) -> Around:
    first, end = week - timedelta(weeks=WEEKS_BEFORE), week + timedelta(weeks=1)
    since, until = (datetime.combine(day, time(), _LOCAL) for day in (first, end))
    return await campaigns_around(connection, merchant, since, until)


_Weekly = defaultdict[date, dict[str, int]]


async def _own(
    connection: AsyncConnection, live: Slot, merchant: UUID, week: date
) -> tuple[_Weekly, date | None]:
    """Counts by week and kind, and the first day that anything is known of."""
    columns = {"merchant": merchant, "week": week, "since": week - _A_YEAR_AND_A_WEEK}
    counts: _Weekly = defaultdict(dict)
    for weeks_ago, kind, count in await connection.execute(_OWN[live], columns):
        counts[week - timedelta(weeks=weeks_ago)][kind] = count
    known_since = (await connection.execute(_KNOWN_SINCE[live], {"merchant": merchant})).scalar_one()
    return counts, known_since


async def _peers(
    connection: AsyncConnection, live: Slot, merchant: UUID, week: date, around: Around
) -> tuple[int, dict[str, Peers]]:
    """How many there are, and how they did, where they are enough."""
    shops = list((await connection.execute(_PEERS, {"merchant": merchant})).scalars())
    if len(shops) < FEWEST_PEERS:
        return len(shops), {}
    first = week - timedelta(weeks=WEEKS_BEFORE)
    counts: _Weekly = defaultdict(dict)
    this_week: defaultdict[str, list[int]] = defaultdict(list)
    columns = {"merchants": shops, "week": week, "since": first}
    for weeks_ago, kind, amounts, total in await connection.execute(_OF_PEERS[live], columns):
        counts[week - timedelta(weeks=weeks_ago)][kind] = total
        if weeks_ago == 0:
            this_week[kind] = amounts
    before = weeks_before(week, min(counts, default=week))
    together = compared(
        counts, week, before if len(before) >= FEWEST_WEEKS else [], after_campaign=around.over
    )
    return len(shops), {
        kind: Peers(
            float(median([*this_week[kind], *[0] * (len(shops) - len(this_week[kind]))])),
            together[kind].verdict,
        )
        for kind in KINDS
    }


_OWN = {
    slot: text(f"""
        SELECT (CAST(:week AS date) - CAST(date_trunc('week', day) AS date)) / 7, kind, sum(count)
        FROM {slot.days} WHERE merchant_id = :merchant AND day >= :since AND day < CAST(:week AS date) + 7
        GROUP BY 1, 2
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
_KNOWN_SINCE = {
    slot: text(f"SELECT min(day) FROM {slot.days} WHERE merchant_id = :merchant AND count > 0")  # noqa: S608
    for slot in Slot
}
_PEERS = text("""
    SELECT peer.merchant_id FROM merchant AS own JOIN merchant AS peer USING (city_id, kind)
    WHERE own.merchant_id = :merchant AND peer.merchant_id <> own.merchant_id
      AND peer.district_ids && own.district_ids
      AND peer.public_version > 0 AND peer.closed_version <= peer.public_version
""")
_OF_PEERS = {
    slot: text(f"""
        SELECT weeks_ago, kind, array_agg(amount), sum(amount) FROM (
            SELECT (CAST(:week AS date) - CAST(date_trunc('week', day) AS date)) / 7 AS weeks_ago, kind,
                   sum(count) AS amount
            FROM {slot.days}
            WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND day >= :since
              AND day < CAST(:week AS date) + 7
            GROUP BY merchant_id, 1, 2
        ) AS of_each GROUP BY weeks_ago, kind
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
