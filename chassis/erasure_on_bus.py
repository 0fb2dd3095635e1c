"""Takes an erased shop's messages out of the service's own stream. Only then is its part of an erasure done.

What an erasure removed from the outbox is in the stream by then or will never be: the relay publishes while
it holds the row. The stream's subjects end in a bucket of the shop's id, so that a part of it is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import structlog
from nats.js.errors import APIError, NotFoundError
from sqlalchemy import ARRAY, Uuid, bindparam, text

from chassis import bus, replay
from contracts.envelope import Event
from contracts.streams import bucket_of

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

    from chassis.database import Database
    from chassis.erasure import Done
    from chassis.settings import ServiceSettings

EVERY_SECONDS = 2.0
_SEQUENCE_NOT_FOUND, _NOTHING_FOUND = 10043, "no message found"
"""What the server says of a message that is there no more: the second where it was deleted meanwhile."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Waiting:
    """An erasure that is done in the tables, and not yet in the stream."""

    person_id: UUID
    erasure_id: UUID
    erased_at: datetime
    merchants: list[UUID]


class OnTheBus:
    """The job that does it. Safe in any number of processes: each message goes once, and it is told once."""

    def __init__(self, database: Database, settings: ServiceSettings, done: Done) -> None:
        self._database = database
        self._settings = settings
        self._done = done
        self._client: Client | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Whenever one waits, until `stop`. What fails is tried again from its beginning."""
        try:
            while not stop.is_set():
                for waiting in await self._all_waiting():
                    await self._forget(await self._connection(stop), waiting)
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
        finally:
            if self._client is not None and stop.is_set():
                await self._client.close()

    async def _connection(self, stop: asyncio.Event) -> JetStreamContext:
        if self._client is None or self._client.is_closed:
            self._client = await bus.connect(self._settings, "erasures", stop)
        return self._client.jetstream()

    async def _all_waiting(self) -> list[Waiting]:
        async with self._database.connection() as connection:
            return [Waiting(*row) for row in await connection.execute(_WAITING)]

    async def _forget(self, jetstream: JetStreamContext, waiting: Waiting) -> None:
        deleted = 0
        for bucket in {bucket_of(merchant) for merchant in waiting.merchants}:
            deleted += await self._delete(jetstream, bucket, {str(each) for each in waiting.merchants})
        log.info(
            "an erased shop's messages left the stream", erasure=str(waiting.erasure_id), messages=deleted
        )
        async with self._database.transaction() as tx:
            settled = {"person": waiting.person_id, "merchants": waiting.merchants}
            if (await tx.execute(_SETTLE, settled)).rowcount:
                # Told before, perhaps, by a database that was restored since.
                await replay.tell_again(tx, Event.of(self._done(waiting.erasure_id), waiting.erased_at))

    async def _delete(self, jetstream: JetStreamContext, bucket: str, merchants: Collection[str]) -> int:
        service, deleted, sequence = self._settings.service_name, 0, 1
        while True:
            try:
                message = await jetstream.get_msg(
                    service.upper(), seq=sequence, subject=f"{service}.*.*.*.{bucket}", next=True
                )
            except NotFoundError:
                return deleted
            assert message.seq is not None
            if _is_about(message.data, merchants):
                deleted += await _delete_one(jetstream, service.upper(), message.seq)
            sequence = message.seq + 1


async def _delete_one(jetstream: JetStreamContext, stream: str, sequence: int) -> bool:
    """False where another process was quicker."""
    try:
        return await jetstream.delete_msg(stream, sequence)
    except APIError as error:
        if error.err_code == _SEQUENCE_NOT_FOUND or error.description == _NOTHING_FOUND:
            return False
        raise


def _is_about(body: bytes | None, merchants: Collection[str]) -> bool:
    try:
        event: Any = msgspec.json.decode(body or b"")
        return event["data"]["merchant_id"] in merchants
    except (msgspec.DecodeError, LookupError, TypeError):
        return False


_WAITING = text("""
    SELECT person_id, erasure_id, erased_at, on_bus FROM erased_person WHERE on_bus IS NOT NULL
    ORDER BY erased_at LIMIT 50
""")
_SETTLE = text("""
    UPDATE erased_person SET on_bus = NULL WHERE person_id = :person AND on_bus = :merchants
""").bindparams(bindparam("person", type_=Uuid), bindparam("merchants", type_=ARRAY(Uuid)))
