"""Starts and ends campaigns when their time has come, and notices what they reached.

Any number of processes may run this. Each takes due campaigns under a lock that the others skip, and moves
them in the same transaction, so every transition happens once. A process that was down finds what it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, func, or_, select

from chassis.clock import Clock, utc_now
from chassis.database import Database, Transaction, is_infrastructure_error
from services.campaigns.goals.watch import note_goals
from services.campaigns.lifecycle import storage, use_cases
from services.campaigns.lifecycle.domain import Campaign
from services.campaigns.lifecycle.tables import campaign, waits_to_end, waits_to_start

BATCH = 50
LONGEST_SLEEP = timedelta(seconds=1)
"""A campaign that another process scheduled meanwhile is noticed this late at most."""
log = structlog.get_logger(__name__)


async def run(database: Database, stop: asyncio.Event, clock: Clock = utc_now) -> None:
    """Move campaigns as they become due, until `stop`; outlives a database that is away."""
    while not stop.is_set():
        sleep = LONGEST_SLEEP
        try:
            while await move_due(database, clock()):
                pass
            await note_goals(database, clock())
            sleep = await until_next_due(database, clock())
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.info("the campaigns' clock waits for the database", error=type(error).__name__)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), max(sleep.total_seconds(), 0.01))


async def move_due(database: Database, now: datetime) -> int:
    """Start or end a batch of campaigns whose time has come; how many it was."""
    async with database.transaction() as tx:
        moved = [
            await use_cases.move(tx, due, target, by=None, now=now)
            for due in await _lock_due(tx, now)
            if (target := due.due(now)) is not None
        ]
    for each in moved:
        log.info("campaign moved by the clock", campaign_id=str(each.id), state=each.state.value)
    return len(moved)


async def until_next_due(database: Database, now: datetime) -> timedelta:
    """How long to sleep: until the next due time, and never long."""
    async with database.connection() as connection:
        due_at: datetime | None = await connection.scalar(
            select(
                func.least(
                    select(func.min(campaign.c.starts_at)).where(waits_to_start).scalar_subquery(),
                    select(func.min(campaign.c.ends_at)).where(waits_to_end).scalar_subquery(),
                )
            )
        )
    return min(due_at - now, LONGEST_SLEEP) if due_at else LONGEST_SLEEP


async def _lock_due(tx: Transaction, now: datetime) -> Sequence[Campaign]:
    """What is due and nobody else is moving just now."""
    rows = await tx.execute(
        select(campaign)
        .where(
            or_(
                and_(waits_to_start, campaign.c.starts_at <= now),
                and_(waits_to_end, campaign.c.ends_at <= now),
            )
        )
        .order_by(campaign.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return [storage.of_row(row) for row in rows.mappings()]
