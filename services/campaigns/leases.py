"""Work that is due at a time and done outside of a transaction, by one worker at a time.

Whoever takes a row puts its `due_at` forward, by as long as the work may last: that is the lease. A process
that dies leaves the row due again after it. What was found is only written where the lease still holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Table, select, update

from chassis.clock import Clock, utc_now
from chassis.database import Database, Transaction, is_infrastructure_error

LEASE = timedelta(minutes=2)
"""Longer than any of this work: each fetch ends by a limit of its own."""
PAUSE_SECONDS = 2.0

log = structlog.get_logger(__name__)


async def take(database: Database, table: Table, now: datetime) -> dict[str, Any] | None:
    """The row that is due the longest, leased; None where none is. Its `due_at` is the lease's end."""
    query = select(table).where(table.c.due_at <= now).order_by(table.c.due_at, table.c.id).limit(1)
    async with database.transaction() as tx:
        row = (await tx.execute(query.with_for_update(skip_locked=True))).mappings().first()
        if row is None:
            return None
        leased = dict(row) | {"due_at": now + LEASE}
        await tx.execute(update(table).where(table.c.id == row["id"]).values(due_at=leased["due_at"]))
    return leased


async def still_held(tx: Transaction, table: Table, leased: dict[str, Any]) -> bool:
    """Whether the row is there and nobody else took or changed it; it is locked then until `tx` ends."""
    held: UUID | None = await tx.scalar(
        select(table.c.id)
        .where(table.c.id == leased["id"], table.c.due_at == leased["due_at"])
        .with_for_update()
    )
    return held is not None


def log_unforeseen(error: Exception, work: str, leased: dict[str, Any]) -> None:
    """Log what went wrong with one row; raise it again where the machines did.

    What others wrote is behind the rest: put off like any trouble, it keeps nothing else waiting.
    """
    if is_infrastructure_error(error):
        raise error
    log.error("broke off", work=work, id=str(leased["id"]), exc_info=error)


async def run(
    name: str,
    work: Callable[[datetime], Awaitable[bool]],
    stop: asyncio.Event,
    clock: Clock = utc_now,
) -> None:
    """Call `work` until it says that nothing is due, and again a little later, until `stop`."""
    while not stop.is_set():
        try:
            while not stop.is_set() and await work(clock()):
                pass
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.info("waits for the database", job=name, error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)
