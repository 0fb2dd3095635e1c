"""Stops a consumer whose messages fail in numbers: that is a bad deploy, not bad data (rule 6)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text

from chassis import telemetry_names

if TYPE_CHECKING:
    from chassis.database import Database

SHARE = 0.2
WINDOW = 200
"""Messages looked back on: batches are small when there is little to do, so one batch proves nothing."""
LEAST = 20
"""Fewer messages than this never pause: one bad one among three is bad luck."""
POLL_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Pause:
    """Whether one consumer stands still. Kept in the database: all workers obey, operators resume."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._recent: deque[tuple[int, int]] = deque()
        self._database: Database | None = None
        self._look_again_at = 0.0
        """When the database is asked next, by the monotonic clock: not before every batch."""

    def bind(self, database: Database) -> None:
        """Give it its service's database."""
        self._database = database

    def is_bad_deploy(self, dead: int, total: int) -> bool:
        """Take note of a batch; True where more than a fifth of the recent messages failed."""
        self._recent.append((dead, total))
        while len(self._recent) > 1 and sum(batch for _, batch in self._recent) > WINDOW + total:
            self._recent.popleft()
        seen = sum(batch for _, batch in self._recent)
        return dead > 0 and seen >= LEAST and sum(bad for bad, _ in self._recent) > SHARE * seen

    async def begin(self, reason: str) -> None:
        """Stand still, in all workers, and raise the alert."""
        assert self._database is not None
        log.error("consumer paused", consumer=self._consumer, reason=reason)
        telemetry_names.CONSUMER_PAUSED.labels(self._consumer).set(1)
        async with self._database.transaction() as tx:
            await tx.execute(
                text("""
                    INSERT INTO consumer_pause (consumer, reason) VALUES (:consumer, :reason)
                    ON CONFLICT DO NOTHING
                """),
                {"consumer": self._consumer, "reason": reason.replace("\x00", "\ufffd")[:1000]},
            )
        self._recent.clear()
        self._look_again_at = 0.0

    async def wait_until_resumed(self) -> None:
        """Return at once where the consumer is not paused, else when it is resumed."""
        if time.monotonic() < self._look_again_at:
            return
        while await self.reason() is not None:
            telemetry_names.CONSUMER_PAUSED.labels(self._consumer).set(1)
            await asyncio.sleep(POLL_SECONDS)
        telemetry_names.CONSUMER_PAUSED.labels(self._consumer).set(0)
        self._look_again_at = time.monotonic() + POLL_SECONDS

    async def reason(self) -> str | None:
        """Why it is paused, or None."""
        assert self._database is not None
        async with self._database.connection() as connection:
            found = await connection.execute(
                text("SELECT reason FROM consumer_pause WHERE consumer = :consumer"),
                {"consumer": self._consumer},
            )
            return found.scalar_one_or_none()

    async def resume(self) -> bool:
        """Let it work again, in all workers; False where it was not paused."""
        assert self._database is not None
        self._recent.clear()
        async with self._database.transaction() as tx:
            result = await tx.execute(
                text("DELETE FROM consumer_pause WHERE consumer = :consumer"), {"consumer": self._consumer}
            )
            return bool(result.rowcount)
