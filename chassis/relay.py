"""Publishes what the outbox holds: every recorded event reaches the bus, at least once (rule 3).

Any number of relays may run. Each claims a window of unpublished rows with SKIP LOCKED, publishes it
pipelined, waits for every PubAck, marks what was acknowledged and commits. A relay that dies releases
its rows; JetStream drops what it had already stored, by `Nats-Msg-Id`, and consumers' inboxes the rest.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Uuid, bindparam, text

from chassis import bus, crash_points, telemetry_names
from chassis.telemetry import window_span
from contracts.envelope import CONTENT_TYPE
from contracts.streams import REPLAYED_HEADER

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

    from chassis.database import Database, Transaction
    from chassis.settings import ServiceSettings

WINDOW = 500
POLL_SECONDS = 0.1
PUBACK_SECONDS = 5.0
BACK_OFF_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0)

log = structlog.get_logger(__name__)

# By status, never by a cursor: ids are handed out before commit, and a cursor steps over late commits.
_CLAIM = text("""
    SELECT id, subject, body, traceparent, replayed FROM outbox
    WHERE published_at IS NULL
    ORDER BY replayed, id
    LIMIT :window
    FOR UPDATE SKIP LOCKED
""")
_MARK = text("UPDATE outbox SET published_at = now() WHERE id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Uuid))
)


class Row(NamedTuple):
    """One unpublished event."""

    id: UUID
    subject: str
    body: bytes
    traceparent: str | None
    replayed: bool


class NotAcknowledged(Exception):
    """Part of a window was not acknowledged by the bus in time; it stays in the outbox."""


class Relay:
    """Moves one service's outbox to its stream for as long as the process lives."""

    def __init__(self, database: Database, settings: ServiceSettings) -> None:
        self._database = database
        self._settings = settings
        self._stop = asyncio.Event()
        self._client: Client | None = None
        self._jetstream: JetStreamContext | None = None

    @property
    def connected(self) -> bool:
        """Whether the bus can be reached right now (for /readyz)."""
        return self._client is not None and self._client.is_connected

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop`. No error ends it: what failed is tried again, for ever."""
        self._stop = stop
        failures = 0
        listening = asyncio.create_task(self._database.bell.listen(stop))
        try:
            while not stop.is_set():
                try:
                    published = await self.publish_window()
                except Exception as error:
                    pause = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)]
                    failures += 1
                    telemetry_names.RELAY_FAILURES.inc()
                    log.warning(
                        "relay waits", error=type(error).__name__, detail=str(error)[:200], seconds=pause
                    )
                    # Not by the bell: events that come meanwhile bring neither bus nor database back.
                    with suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(stop.wait(), pause)
                    continue
                failures = 0
                if published < WINDOW:
                    await self._database.bell.wait(POLL_SECONDS)
        finally:
            listening.cancel()
            if self._client is not None:
                await self._client.close()  # no drain: every PubAck was waited for, and the bus may be away

    async def stream_filled(self) -> float:
        """How much of its size the service's stream takes, 0 to 1. Raises what the bus raises."""
        if self._jetstream is None or not self.connected:
            raise ConnectionError("NATS is away")
        info = await self._jetstream.stream_info(self._settings.service_name.upper())
        return float(info.state.bytes / info.config.max_bytes) if info.config.max_bytes else 0.0

    async def publish_window(self) -> int:
        """Publish one window; returns how many events were stored by the bus and marked.

        Raises NotAcknowledged where the bus took only part of it (that part is marked all the same).
        """
        jetstream = await self._connection()
        async with self._database.transaction() as tx:
            rows = [Row(*row) for row in await tx.execute(_CLAIM, {"window": WINDOW})]
            if not rows:
                return 0
            with window_span([row.traceparent for row in rows], len(rows)):
                stored = await self._publish(jetstream, rows)
            crash_points.reached(crash_points.AFTER_PUBLISH)
            await self._mark(tx, stored)
        telemetry_names.RELAY_PUBLISHED.inc(len(stored))
        if len(stored) < len(rows):
            raise NotAcknowledged(f"{len(rows) - len(stored)} of {len(rows)} events")
        return len(stored)

    async def _connection(self) -> JetStreamContext:
        if self._jetstream is None or self._client is None or self._client.is_closed:
            self._client = await bus.connect(self._settings, "relay", self._stop)
            self._jetstream = self._client.jetstream(publish_async_max_pending=2 * WINDOW)
        if not self._client.is_connected:
            raise ConnectionError("NATS is away")
        return self._jetstream

    async def _publish(self, jetstream: JetStreamContext, rows: Sequence[Row]) -> list[UUID]:
        """The ids that the stream acknowledged within PUBACK_SECONDS."""
        stream = self._settings.service_name.upper()
        futures: list[asyncio.Future[Any]] = []
        try:
            # One limit for the window: with nats-py's own (wait_stall) each message is a task and a write.
            async with asyncio.timeout(PUBACK_SECONDS):
                for row in rows:
                    headers = _headers(row)
                    futures.append(
                        await jetstream.publish_async(row.subject, row.body, stream=stream, headers=headers)
                    )
            # A rejection of one message does not reach its future (nats-py 2.16): it ends as a time-out.
            await asyncio.wait(futures, timeout=PUBACK_SECONDS)
        finally:
            # Also where the window broke off: each one left pending takes a place in later windows for good.
            for future in futures:
                future.cancel()
        return [
            row.id
            for row, future in zip(rows, futures, strict=True)
            if future.done() and not future.cancelled() and future.exception() is None
        ]

    async def _mark(self, tx: Transaction, stored: Sequence[UUID]) -> None:
        if stored:
            await tx.execute(_MARK, {"ids": list(stored)})


def _headers(row: Row) -> dict[str, str]:
    headers = {"Nats-Msg-Id": str(row.id), "Content-Type": CONTENT_TYPE}
    if row.traceparent:
        headers["traceparent"] = row.traceparent
    if row.replayed:
        headers[REPLAYED_HEADER] = "true"
    return headers


async def measure(database: Database) -> tuple[int, float]:
    """How many events wait in the outbox, and for how many seconds the oldest fresh one has waited."""
    async with database.connection() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT count(*), min(id::text) FILTER (WHERE NOT replayed)"
                    " FROM outbox WHERE published_at IS NULL"
                )
            )
        ).one()
    waiting, oldest = int(row[0]), row[1]
    if oldest is None:
        return waiting, 0.0
    return waiting, max(0.0, time.time() - (UUID(oldest).int >> 80) / 1000)
