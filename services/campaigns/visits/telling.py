"""Tells how often links were followed: the sum of a day so far, now and then, never each visit; and books
what that earns their authors.

What is told is what stands in the row, so that whoever reads an older telling later loses nothing; and only
the last telling of a day is told again, because it says all that those before it said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import RowMapping, or_, select, text

from chassis import outbox
from chassis.clock import Clock, utc_now
from chassis.database import Database, Transaction, is_infrastructure_error
from chassis.history import Source
from contracts.campaigns.v1 import ShareLinkVisitsCounted
from contracts.envelope import Event
from services.campaigns.points.shares import settle_visits
from services.campaigns.visits.tables import is_to_be_told, visit_day

TOLD_EVERY = timedelta(seconds=10)
"""A link that many follow is told of so often; visits are seen that late at most."""
LOOK_SECONDS = 1.0
BATCH = 500

log = structlog.get_logger(__name__)


async def run(database: Database, stop: asyncio.Event, clock: Clock = utc_now) -> None:
    """Tell what is to be told, until `stop`; outlives a database that is away."""
    while not stop.is_set():
        try:
            while await tell_some(database, clock()) == BATCH:
                pass
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.info("visits are told when the database answers", error=type(error).__name__)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


async def tell_some(database: Database, now: datetime) -> int:
    """Tell a batch of sums that grew since they were told; how many. Each once, whoever else tells too."""
    async with database.transaction() as tx:
        rows = await _due(tx, now)
        if rows:
            told = {
                "ids": [row["id"] for row in rows],
                "visits": [row["visits"] for row in rows],
                "visitors": [row["visitors"] for row in rows],
                "now": now,
            }
            await tx.execute(_TELL, told)
            await outbox.record(tx, *(_grown(row, now) for row in rows))
            await settle_visits(tx, rows, now)
    return len(rows)


async def _due(tx: Transaction, now: datetime) -> Sequence[RowMapping]:
    due = or_(visit_day.c.told_at.is_(None), visit_day.c.told_at <= now - TOLD_EVERY)
    query = select(visit_day).where(is_to_be_told, due).limit(BATCH).with_for_update(skip_locked=True)
    return (await tx.execute(query)).mappings().all()


def _grown(row: RowMapping, now: datetime) -> Event[ShareLinkVisitsCounted]:
    return Event.of(_fact(row, row["visits"], row["visitors"], row["told_version"] + 1), now)


def _told(row: RowMapping) -> Event[ShareLinkVisitsCounted]:
    fact = _fact(row, row["told_visits"], row["told_visitors"], row["told_version"])
    return Event.of(fact, row["told_at"])


def _fact(row: RowMapping, visits: int, visitors: int, version: int) -> ShareLinkVisitsCounted:
    return ShareLinkVisitsCounted(
        city_id=row["city_id"],
        count_id=row["id"],
        link_id=row["subject_id"],
        kind=row["kind"],
        merchant_id=row["merchant_id"],
        campaign_id=row["campaign_id"],
        day=row["day"],
        visits=visits,
        visitors=visitors,
        version=version,
    )


_TELL = text("""
    UPDATE visit_day AS known SET
        told_visits = told.visits, told_visitors = told.visitors,
        told_version = known.told_version + 1, told_at = :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:visits AS bigint[]), CAST(:visitors AS bigint[]))
         AS told (id, visits, visitors)
    WHERE known.id = told.id
""")

HISTORY = (
    Source(select(visit_day).where(visit_day.c.told_at.is_not(None)).order_by(visit_day.c.told_at), _told),
)
