"""Sends what is queued: an endpoint is one process's at a time, by a lease in the database.

A process that is killed lets go when its lease is over, and what it sent without noting it is sent again
under the same `webhook-id`: at least once, never lost. Endpoints are sent to side by side, each by itself: a
slow one holds up nobody else. One that fails rests for longer and longer, and is then tried with a single
message until something arrives.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Row, RowMapping, text

from chassis.clock import Clock
from chassis.crash_points import AFTER_SEND, reached
from chassis.database import Database, is_infrastructure_error
from chassis.fetching import AnswerRefused, Fetched, Limits, NotFetched
from chassis.retry_after import retry_after
from chassis.sealing import Seal, Unsealable
from services.campaigns.webhooks import domain
from services.campaigns.webhooks.domain import Answer
from services.campaigns.webhooks.outcomes import Attempted, note

LOOK_SECONDS = 1.0
MOST_ENDPOINTS = 50
"""That one process sends to at once."""
AT_ONCE, A_ROUND = 4, 20
"""Messages to one endpoint side by side, and in one lease."""
LIMITS = Limits(seconds=15.0, size=64_000, redirects=0)
"""The specification asks for 15 to 30 seconds."""
LEASE = timedelta(seconds=2 * LIMITS.seconds * A_ROUND / AT_ONCE)
"""Twice what a round takes whose every message runs into the limit."""
ANSWER_KEPT = 500
"""Characters of what is answered."""

log = structlog.get_logger(__name__)


class Outside(Protocol):
    """What speaks with the world outside, safely (`chassis/fetching.py`)."""

    async def send(
        self, method: str, url: str, *, content: bytes, headers: dict[str, str], limits: Limits
    ) -> Fetched: ...


@dataclass(frozen=True)
class Leased:
    """An endpoint that this process may send to."""

    row: RowMapping
    lease: UUID

    @property
    def id(self) -> UUID:
        found: UUID = self.row["id"]
        return found


class Sending:
    """The job."""

    def __init__(self, database: Database, outside: Outside, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._outside = outside
        self._seal = seal
        self._clock = clock
        self._rounds: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send what is due until `stop`; rounds that are under way end by themselves, or by their lease."""
        try:
            while not stop.is_set():
                await self._begin_rounds()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        finally:
            for each in self._rounds:
                each.cancel()
            await asyncio.gather(*self._rounds, return_exceptions=True)

    async def send_due(self) -> int:
        """One round to every endpoint that has something due; how many endpoints."""
        leased = await self._lease(MOST_ENDPOINTS)
        await asyncio.gather(*(self._round(each) for each in leased))
        return len(leased)

    async def _begin_rounds(self) -> None:
        try:
            free = MOST_ENDPOINTS - len(self._rounds)
            for each in await self._lease(free) if free else ():
                task = asyncio.create_task(self._round(each), name="webhooks")
                self._rounds.add(task)
                task.add_done_callback(self._rounds.discard)
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.info("webhooks wait for the database", error=type(error).__name__)

    async def _lease(self, most: int) -> Sequence[Leased]:
        now, lease = self._clock(), uuid4()
        asked = {"now": now, "most": most, "lease": lease, "until": now + LEASE}
        async with self._database.transaction() as tx:
            rows = (await tx.execute(_LEASE, asked)).mappings().all()
        return [Leased(row, lease) for row in rows]

    async def _round(self, endpoint: Leased) -> None:
        """Send what is due of one endpoint, a few at a time; a single message where it fails at present."""
        try:
            most = 1 if endpoint.row["failures"] else A_ROUND
            asked = {"endpoint": endpoint.id, "now": self._clock(), "most": most}
            async with self._database.connection() as connection:
                waiting = list(reversed((await connection.execute(_DUE, asked)).all()))

            async def work() -> None:
                while waiting and await self._deliver(endpoint, waiting.pop()):
                    pass

            await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(waiting)))))
            async with self._database.transaction() as tx:
                await tx.execute(_LET_GO, {"id": endpoint.id, "lease": endpoint.lease})
        except Exception as error:
            if not is_infrastructure_error(error):
                log.exception("a round of webhooks broke off", endpoint=str(endpoint.id))
                return
            log.info("webhooks wait for the database", error=type(error).__name__)

    async def _deliver(self, endpoint: Leased, due: Row[Any]) -> bool:
        """Send one message and note what came of it; tells whether to go on with this endpoint."""
        now, began = self._clock(), time.monotonic()
        answer = await self._attempt(endpoint.row, due, now)
        took = timedelta(seconds=time.monotonic() - began)
        reached(AFTER_SEND)
        async with self._database.transaction() as tx:
            await note(tx, endpoint.id, Attempted(due.id, due.attempts + 1, answer, now, took))
        return answer.is_success

    async def _attempt(self, endpoint: RowMapping, due: Row[Any], now: datetime) -> Answer:
        try:
            signed = domain.headers(due.message_id, self._secrets(endpoint, now), due.body, now)
        except Unsealable:
            return Answer(status=None, error="its secret cannot be read: rotate it")
        try:
            came = await self._outside.send(
                "POST",
                endpoint["url"],
                content=due.body,
                headers={"Content-Type": "application/json", **signed},
                limits=LIMITS,
            )
        except AnswerRefused as error:
            return Answer(status=None, error=f"its answer was not read: {error}")
        except NotFetched as error:
            return Answer(status=None, error=str(error))
        wait = retry_after(came.headers.get("retry-after"), now)
        return Answer(status=came.status, retry_after=wait, start=_readable(came.body))

    def _secrets(self, endpoint: RowMapping, now: datetime) -> tuple[str, ...]:
        """The current one first. Raises Unsealable."""
        sealed = [endpoint["secret"]]
        if endpoint["former_until"] is not None and endpoint["former_until"] > now:
            sealed.append(endpoint["former_secret"])
        return tuple(self._seal.open(bytes(each), endpoint["id"]) for each in sealed)


def _readable(body: bytes) -> str:
    """The start of an answer as text: whatever it holds, it is only shown."""
    said = body[: 4 * ANSWER_KEPT].decode("utf-8", "replace")
    return "".join(each if each.isprintable() else " " for each in said)[:ANSWER_KEPT]


_LEASE = text("""
    UPDATE webhook_endpoint SET lease = :lease, leased_until = :until
    WHERE id IN (
        SELECT id FROM webhook_endpoint AS waiting
        WHERE disabled IS NULL
          AND (leased_until IS NULL OR leased_until <= :now)
          AND (rests_until IS NULL OR rests_until <= :now)
          AND EXISTS (SELECT FROM webhook_delivery AS due
                      WHERE due.endpoint_id = waiting.id AND due.state = 'pending'
                        AND due.next_attempt_at <= :now)
        ORDER BY leased_until NULLS FIRST, id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING *
""")
_DUE = text("""
    SELECT due.id, due.message_id, due.attempts, message.body
    FROM webhook_delivery AS due
    JOIN webhook_message AS message ON message.id = due.message_id AND message.city_id = due.city_id
    WHERE due.endpoint_id = :endpoint AND due.state = 'pending' AND due.next_attempt_at <= :now
    ORDER BY due.next_attempt_at, due.id LIMIT :most
""")
_LET_GO = text("""
    UPDATE webhook_endpoint SET lease = NULL, leased_until = NULL WHERE id = :id AND lease = :lease
""")
