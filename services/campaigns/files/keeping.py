"""No file without a row, and none for longer than something shows it.

A file is announced (its row is committed, due to be deleted soon), written, and kept by the transaction that
makes what shows it. Whatever does not come to an end leaves a row that is due, and the sweep deletes both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select, update

from chassis.clock import Clock, utc_now
from chassis.database import Database, Transaction
from chassis.problems import unavailable
from services.campaigns.files.addresses import SIZES
from services.campaigns.files.store import Files
from services.campaigns.files.tables import stored_file

UNKEPT_FOR = timedelta(minutes=15)
"""How long a file may wait for what shows it: many times what an upload takes."""
SWEEP_SECONDS = 30.0
BATCH = 20
"""Deleted while their rows are locked: a transaction ends after a minute, however slow the store is."""

log = structlog.get_logger(__name__)


def key_of(file_id: UUID, size: str) -> str:
    """Where the picture lies in the store; the last digits of an id are random, and spread the folders."""
    return f"pictures/{file_id.hex[-2:]}/{file_id}/{size}.webp"


async def announce(tx: Transaction, file_ids: Collection[UUID], city_id: UUID, now: datetime) -> None:
    """Before they are written; to be committed by itself."""
    rows = [{"id": each, "city_id": city_id, "made_at": now, "due_at": now + UNKEPT_FOR} for each in file_ids]
    await tx.execute(insert(stored_file), rows)


async def keep(tx: Transaction, file_ids: Collection[UUID]) -> None:
    """With what shows them. Raises 503 where one took so long that the sweep was there before."""
    kept = update(stored_file).where(stored_file.c.id.in_(file_ids)).values(due_at=None)
    if (await tx.execute(kept)).rowcount != len(file_ids):
        raise unavailable("The pictures took too long to store. Send them again.")


async def discard(tx: Transaction, file_ids: Collection[UUID], now: datetime) -> None:
    """With what showed them: they are deleted soon after this is committed."""
    await tx.execute(update(stored_file).where(stored_file.c.id.in_(file_ids)).values(due_at=now))


async def sweep(database: Database, files: Files, now: datetime) -> int:
    """Delete what is due; how many. Safe in any number of processes, and when it is killed half-way."""
    swept = 0
    while True:
        async with database.transaction() as tx:
            due = (
                select(stored_file.c.id)
                .where(stored_file.c.due_at <= now)
                .order_by(stored_file.c.due_at)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
            found = (await tx.execute(due)).scalars().all()
            for each in found:
                await files.delete(*(key_of(each, size) for size in SIZES))
            await tx.execute(delete(stored_file).where(stored_file.c.id.in_(found)))
        swept += len(found)
        if len(found) < BATCH:
            return swept


async def run(database: Database, files: Files, stop: asyncio.Event, clock: Clock = utc_now) -> None:
    """Sweep now and then, until `stop`."""
    while not stop.is_set():
        if swept := await sweep(database, files, clock()):
            log.info("files were deleted", files=swept)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)
