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
from chassis.database import RECORDED
from contracts.envelope import Event, Fact

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from chassis.database import Database

CHUNK = 2_000
Facts = Callable[["AsyncConnection"], AsyncIterator[Event[Fact]]]
"""An owner's generator of every fact in its tables, with original ids and times."""

# In chunks along the primary key, so that neither a lock nor a transaction grows with the outbox.
_QUEUE = text("""
    WITH chunk AS (
        SELECT id, published_at FROM outbox
        WHERE id > :after AND id <= :until ORDER BY id LIMIT :chunk
    ), queued AS (
        UPDATE outbox SET published_at = NULL, replayed = true
        FROM chunk WHERE outbox.id = chunk.id AND chunk.published_at IS NOT NULL
        RETURNING outbox.id
    )
    SELECT (SELECT count(*) FROM queued), (SELECT max(id::text) FROM chunk)
""")
_FIRST, _LAST = UUID(int=0), UUID(int=(1 << 128) - 1)


async def replay(
    database: Database, since: UUID | None = None, until: UUID | None = None
) -> AsyncIterator[int]:
    """Queue every published row between two ids (all without) once more; yields how many so far."""
    after, total = since or _FIRST, 0
    while True:
        async with database.transaction() as tx:
            queued, last = (
                await tx.execute(_QUEUE, {"after": after, "until": until or _LAST, "chunk": CHUNK})
            ).one()
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
        async for event in facts(reading):
            chunk.append(event)
            if len(chunk) == CHUNK:
                total += await _queue(database, chunk)
                yield total
                chunk = []
    if chunk:
        total += await _queue(database, chunk)
    yield total


async def _queue(database: Database, chunk: list[Event[Fact]]) -> int:
    async with database.transaction() as tx:
        await outbox.record_again(tx, chunk)
    return len(chunk)
