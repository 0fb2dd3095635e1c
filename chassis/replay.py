"""Fills a stream again: `replay` from the outbox's published rows, `republish` from the owner's tables.

Both only queue rows for the relay, marked as replayed, so that they survive a crash, stay behind fresh
events, and reach consumers as what they are (rules 3 and 7 of the design).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text

from chassis import outbox
from chassis.clock import utc_now
from chassis.database import RECORDED, without_time_limit
from chassis.ids import lowest_at
from contracts.envelope import Event, Fact

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from chassis.database import Database, Transaction

CHUNK = 2_000
Facts = Callable[["AsyncConnection"], AsyncIterator[Event[Fact]]]
"""An owner's generator of every fact in its tables, with original ids and times."""

# In chunks along the primary key, so that neither a lock nor a transaction grows with the outbox.
_QUEUE = text("""
    WITH chunk AS (
        SELECT id, published_at FROM outbox
        WHERE id > :after AND id < :until ORDER BY id LIMIT :chunk
    ), queued AS (
        UPDATE outbox SET published_at = NULL, replayed = true
        FROM chunk WHERE outbox.id = chunk.id AND chunk.published_at IS NOT NULL
        RETURNING outbox.id
    )
    SELECT (SELECT count(*) FROM queued), (SELECT max(id::text) FROM chunk)
""")
_FIRST = UUID(int=0)


async def replay(database: Database, since: UUID | None = None) -> AsyncIterator[int]:
    """Queue what was published until now, after the id `since` (all without); yields how many so far.

    What is recorded meanwhile is left out: chasing it would have no end while people post.
    """
    after, until, total = since or _FIRST, lowest_at(utc_now()), 0
    while True:
        async with database.transaction() as tx:
            queued, last = (await tx.execute(_QUEUE, {"after": after, "until": until, "chunk": CHUNK})).one()
            tx.info[RECORDED] = True
        if last is None:
            return
        total += queued
        after = UUID(last)
        yield total


async def republish(database: Database, facts: Facts) -> AsyncIterator[int]:
    """Queue every fact of the owner's tables; yields how many so far."""
    total = 0
    chunk: list[Event[Fact]] = []
    async with database.connection() as reading:
        await without_time_limit(reading)
        async for event in facts(reading):
            chunk.append(event)
            if len(chunk) == CHUNK:
                total += await _queue(database, chunk)
                yield total
                chunk = []
    if chunk:
        total += await _queue(database, chunk)
    yield total


async def tell_again(tx: Transaction, *events: Event[Fact]) -> None:
    """Queue facts that were told before, in the open transaction."""
    await outbox.record_again(tx, events)


async def _queue(database: Database, chunk: list[Event[Fact]]) -> int:
    async with database.transaction() as tx:
        await tell_again(tx, *chunk)
    return len(chunk)
