"""What the contestants of a measurement share: one PostgreSQL, one NATS, the same events.

Each contestant is a process of its own (`bench/contestants/`), told by its environment where things are.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis import maintenance, migrations
from chassis.clock import utc_now
from chassis.database import Database
from chassis.settings import ServiceSettings
from contracts.campaigns.v1 import AmbassadorReviewPosted, AmbassadorShared
from contracts.envelope import CONTENT_TYPE, Event, encode
from contracts.streams import subject_of
from operations.streams import create_streams
from tests.support.servers import Nats, Postgres, end_leftovers, temporary_root

EVENTS = 20_000
MERCHANTS = 1_500
COUNTED = "SELECT coalesce(sum(count), 0) FROM audience_day_blue"
CITY = UUID("01890000-0000-7000-8000-00000000c17e")


@dataclass(frozen=True)
class Message:
    """An event as the relay publishes it."""

    id: UUID
    subject: str
    body: bytes
    headers: dict[str, str]


def merchant(number: int) -> UUID:
    """The id of one of them."""
    return UUID(int=(0x0180 << 112) | (7 << 76) | (2 << 62) | number)


@cache
def messages(count: int = EVENTS, merchants: int = MERCHANTS) -> Sequence[Message]:
    """Reviews and shares of the last hour, the same in every run: merchants in turn, one share in four."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    made = []
    for number in range(count):
        ids = {
            "city_id": CITY,
            "contribution_id": UUID(int=(0x0190 << 112) | (7 << 76) | (2 << 62) | number),
            "merchant_id": merchant((number * 7919) % merchants),
            "contributor_id": UUID(int=(0x0170 << 112) | (7 << 76) | (2 << 62) | number % 5_000),
        }
        fact: AmbassadorReviewPosted | AmbassadorShared
        if number % 4:
            fact = AmbassadorReviewPosted(**ids, rating=1 + number % 5)
        else:
            fact = AmbassadorShared(**ids, channel="whatsapp")
        event = Event.of(fact, began + timedelta(milliseconds=number * 10))
        headers = {"Nats-Msg-Id": str(event.id), "Content-Type": CONTENT_TYPE}
        made.append(Message(event.id, subject_of(event), encode(event), headers))
    return made


class Ground:
    """The servers."""

    def __init__(self, postgres: Postgres, nats: Nats) -> None:
        self.postgres = postgres
        self.nats = nats

    async def template(self, service: str) -> str:
        """A migrated, empty database of `service`, to be copied."""
        name = f"{service}_template"
        url = await self.postgres.create_database(name)
        await migrations.upgrade(service, url.replace("postgresql://", "postgresql+asyncpg://"))
        database = Database(ServiceSettings(service_name=service, database_url=url))
        await maintenance.tidy(database, utc_now())
        await database.close()
        return name

    async def filled_stream(self, count: int = EVENTS, merchants: int = MERCHANTS) -> None:
        """Fresh streams, with `messages(count, merchants)` in CAMPAIGNS."""
        await self.nats.delete_streams()
        async with self.jetstream() as jetstream:
            await create_streams(jetstream)
            await publish(jetstream, messages(count, merchants))

    @asynccontextmanager
    async def jetstream(self) -> AsyncIterator[JetStreamContext]:
        """The deploy user's."""
        client = await self.nats.connect()
        try:
            yield client.jetstream(timeout=10)
        finally:
            await client.close()

    def environment(self, user: str, database_url: str) -> dict[str, str]:
        """What a contestant is told."""
        return {
            "COCOCITY_ENVIRONMENT": "test",
            "COCOCITY_SERVICE_NAME": user,
            "COCOCITY_LOG_LEVEL": "INFO",
            "COCOCITY_DATABASE_URL": database_url,
            "COCOCITY_NATS_URL": self.nats.url,
            "COCOCITY_NATS_USER": user,
            "COCOCITY_NATS_PASSWORD": self.nats.password(user),
        }

    async def count(self, database_url: str, query: str) -> int:
        """What a query counts."""
        return int(await self.value(database_url, query))

    async def value(self, database_url: str, query: str) -> Any:
        """The one value that a query finds."""
        connection = await asyncpg.connect(database_url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()


async def publish(jetstream: JetStreamContext, wanted: Sequence[Message]) -> None:
    """All of them, in windows of 500, each acknowledged."""
    for start in range(0, len(wanted), 500):
        futures = [
            await jetstream.publish_async(each.subject, each.body, headers=each.headers)
            for each in wanted[start : start + 500]
        ]
        await asyncio.gather(*futures)


@contextmanager
def ground() -> Iterator[Ground]:
    """Fresh servers as production sets them up (fsync on), gone afterwards."""
    end_leftovers()
    root = temporary_root()
    postgres, nats = Postgres(root, fsync=True), Nats(root)
    postgres.start()
    nats.start()
    try:
        yield Ground(postgres, nats)
    finally:
        nats.kill()
        postgres.kill()
        shutil.rmtree(root, ignore_errors=True)


@dataclass
class Contestant:
    """A process that says `ready` when it has started and begins when it is told to."""

    process: asyncio.subprocess.Process

    async def until_ready(self) -> None:
        """Raises RuntimeError where it ended instead."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.strip() == b"ready":
                return
        raise RuntimeError(f"a contestant ended with {await self.process.wait()} before it was ready")

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"begin\n")

    async def result(self) -> float:
        """The number it prints when it is done."""
        assert self.process.stdout is not None
        return float(await self.process.stdout.readline())


@asynccontextmanager
async def contestant(module: str, *arguments: str, environment: dict[str, str]) -> AsyncIterator[Contestant]:
    """`python -m bench.contestants.<module>`, ready to begin; ended at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"bench.contestants.{module}",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        made = Contestant(process)
        await made.until_ready()
        yield made
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def seconds_until_read(jetstream: JetStreamContext, stream: str, durable: str) -> float:
    """From now until everything in the stream was delivered to the durable and acknowledged."""
    began = time.perf_counter()
    while time.perf_counter() - began < 120:
        with suppress(NotFoundError):  # a contestant may create its own
            info = await jetstream.consumer_info(stream, durable)
            if not info.num_pending and not info.num_ack_pending:
                return time.perf_counter() - began
        await asyncio.sleep(0.01)
    raise RuntimeError(f"{durable} did not come to the end of {stream} within two minutes")


@asynccontextmanager
async def fresh_database(servers: Ground, template: str = "notifications_template") -> AsyncIterator[str]:
    """A migrated database of notifications, with a table for the floor; dropped afterwards."""
    url = await servers.postgres.create_database(template=template)
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE raw_event (body bytea NOT NULL)")
    await connection.close()
    try:
        yield url
    finally:
        await servers.postgres.drop_database(url.rsplit("/", 1)[1])
