"""Keeps the chassis tables in shape: partitions ahead of time, old ones dropped, expired rows removed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text

from chassis import idempotency
from chassis.clock import utc_now
from chassis.ids import lowest_at

if TYPE_CHECKING:
    from chassis.database import Database, Transaction

WEEK = timedelta(days=7)
WEEKS_AHEAD = 3
OUTBOX_KEEPS = timedelta(days=30)
INBOX_KEEPS = timedelta(days=35)
DEAD_LETTERS_KEEP = timedelta(days=90)
"""Decided ones; open ones are kept until somebody decides."""
EVERY_SECONDS = 3_600.0
_MONDAY = datetime.fromisoformat("2024-01-01T00:00:00+00:00")

log = structlog.get_logger(__name__)


async def run(database: Database, stop: asyncio.Event) -> None:
    """Once at start, then every hour, until `stop`. Safe in any number of processes."""
    while not stop.is_set():
        try:
            await tidy(database, utc_now())
        except Exception as error:
            log.warning("maintenance is tried again", error=type(error).__name__, detail=str(error)[:200])
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), 60)
            continue
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def tidy(database: Database, now: datetime) -> None:
    """One round, each step in a transaction of its own."""
    for table, keeps in (("outbox", OUTBOX_KEEPS), ("inbox", INBOX_KEEPS)):
        async with database.transaction() as tx:
            # One process at a time; waiting for another's lock would only repeat its work.
            if await _is_ours(tx, table):
                await _add_partitions(tx, table, now)
                await _drop_partitions(tx, table, now - keeps)
    await idempotency.purge(database)
    async with database.transaction() as tx:
        await tx.execute(
            text("DELETE FROM dead_letter WHERE state <> 'open' AND decided_at < :t"),
            {"t": now - DEAD_LETTERS_KEEP},
        )
        # Republished facts, older than any partition: sent, they are of no more use. Younger ones lie here
        # where a week began without a partition, and stay for a replay as long as the others.
        await tx.execute(
            text("DELETE FROM outbox_default WHERE published_at < :t AND id < :i"),
            {"t": now - timedelta(days=1), "i": lowest_at(now - OUTBOX_KEEPS)},
        )
        await tx.execute(
            text("DELETE FROM inbox_default WHERE event_id < :i"), {"i": lowest_at(now - INBOX_KEEPS)}
        )


async def _is_ours(tx: Transaction, table: str) -> bool:
    await tx.execute(text("SET LOCAL lock_timeout = '2s'"))
    locked = await tx.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtext(:n))"), {"n": f"maintenance {table}"}
    )
    return bool(locked.scalar_one())


def _week_of(at: datetime) -> datetime:
    return _MONDAY + (at - _MONDAY) // WEEK * WEEK


async def _partitions(tx: Transaction, table: str) -> set[str]:
    rows = await tx.execute(
        text(
            "SELECT CAST(CAST(inhrelid AS regclass) AS text) FROM pg_inherits"
            " WHERE inhparent = CAST(:t AS regclass)"
        ),
        {"t": table},
    )
    return set(rows.scalars())


async def _add_partitions(tx: Transaction, table: str, now: datetime) -> None:
    existing = await _partitions(tx, table)
    for week in range(-1, WEEKS_AHEAD + 1):
        start = _week_of(now) + week * WEEK
        name = f"{table}_{start:%Y%m%d}"
        if name in existing:
            continue
        low, high = lowest_at(start), lowest_at(start + WEEK)
        if await _default_has_rows_between(tx, table, low, high):
            continue  # the week began without us; its rows stay in the default partition
        await tx.execute(
            text(f"""
                CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{low}') TO ('{high}')
                WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000)
            """)
        )


async def _default_has_rows_between(tx: Transaction, table: str, low: object, high: object) -> bool:
    column = "id" if table == "outbox" else "event_id"
    found = await tx.execute(
        text(f"SELECT 1 FROM {table}_default WHERE {column} >= :low AND {column} < :high LIMIT 1"),  # noqa: S608
        {"low": low, "high": high},
    )
    return found.first() is not None


async def _drop_partitions(tx: Transaction, table: str, before: datetime) -> None:
    for name in sorted(await _partitions(tx, table)):
        week = name.removeprefix(f"{table}_")
        if not week.isdigit() or datetime.fromisoformat(f"{week}T00:00:00+00:00") + WEEK > before:
            continue
        if table == "outbox":
            waiting = await tx.execute(text(f"SELECT 1 FROM {name} WHERE published_at IS NULL LIMIT 1"))  # noqa: S608
            if waiting.first() is not None:
                log.error("an old outbox partition still holds unpublished events; kept", partition=name)
                continue
        await tx.execute(text(f"DROP TABLE {name}"))
