"""Open feeds: how long until each of 2,000 shows what was told to all at once, and what each costs.

One process of notifications, the API alone. Every person has one stream open; then each is told something, in
one transaction. The time runs from its commit, and so holds the wait for the next look at the database
(`services/notifications/feed/live.py`). Memory is what the process holds beyond that without streams.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID, uuid4

import psutil
from rich.console import Console

from bench.ground import CITY, fresh_database, ground
from bench.post import Town
from bench.rows import Row, compare
from chassis.clock import utc_now
from chassis.database import Database
from chassis.settings import ServiceSettings
from chassis.sse import STREAMS_IN_ALL
from services.notifications.feed.notify import Notice, notify
from services.notifications.recipients import to_person

FEEDS = STREAMS_IN_ALL
OPENED_AT_ONCE = 50
LONGEST_MILLISECONDS, MOST_KILOBYTES = 1_000.0, 64.0
SECONDS_TO_SHOW = 30.0


async def rows(rounds: int, console: Console) -> list[Row]:
    """Milliseconds until shown, and kilobytes."""
    late, memory = [], []
    with ground() as servers:
        await servers.template("notifications")
        town = Town(servers, servers.postgres.root)
        for number in range(rounds):
            async with AsyncExitStack() as stack:
                milliseconds, kilobytes = await _round(town, stack)
            late.append(milliseconds)
            memory.append(kilobytes)
            console.print(f"  round {number + 1} of {rounds}: {milliseconds:.0f} ms, {kilobytes:.1f} kB")
    what = {
        f"told to {FEEDS:,} open feeds at once, 99th percentile until shown, ms": (
            late,
            LONGEST_MILLISECONDS,
        ),
        f"memory of an open feed among {FEEDS:,}, kB": (memory, MOST_KILOBYTES),
    }
    return [
        compare(measure, "the limit set", ours, [limit] * len(ours), target=1.0, better="lower")
        for measure, (ours, limit) in what.items()
    ]


async def _round(town: Town, stack: AsyncExitStack) -> tuple[float, float]:
    url = await stack.enter_async_context(fresh_database(town.servers))
    port = await stack.enter_async_context(town.service(url, "api", "notifications"))
    process = _serving(port)
    people = [uuid4() for _ in range(FEEDS)]
    first = await _opened(people[:1], town, port)  # what the first one loads is not a stream's
    before = process.memory_full_info().uss
    feeds = [*first, *await _opened(people[1:], town, port)]
    kilobytes = (process.memory_full_info().uss - before) / 1e3 / (FEEDS - 1)
    async with _database(url) as database:
        await _tell_all(database, people)
    told = time.perf_counter()
    async with asyncio.timeout(SECONDS_TO_SHOW):
        shown = [await feed.shown for feed in feeds]
    for feed in feeds:
        feed.close()
    return statistics.quantiles([1000 * (each - told) for each in shown], n=100)[98], kilobytes


async def _opened(people: list[UUID], town: Town, port: int) -> list[Feed]:
    feeds: list[Feed] = []
    for start in range(0, len(people), OPENED_AT_ONCE):
        opening = [
            Feed().open(port, town.issuer.token(each, seconds=7200))
            for each in people[start:][:OPENED_AT_ONCE]
        ]
        feeds += await asyncio.gather(*opening)
    return feeds


def _serving(port: int) -> psutil.Process:
    """The process that listens there."""
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and tuple(each.laddr)[1:] == (port,) and each.pid:
            return psutil.Process(each.pid)
    raise RuntimeError(f"nobody listens on {port}")


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    database = Database(ServiceSettings(service_name="notifications", database_url=url))
    try:
        yield database
    finally:
        await database.close()


async def _tell_all(database: Database, people: list[UUID]) -> None:
    now = utc_now()
    notices = [
        Notice(CITY, to_person(each), "welcome", "-", {"totals": {"review": 3}}, now, None) for each in people
    ]
    async with database.transaction() as tx:
        await notify(tx, notices)


class Feed(asyncio.Protocol):
    """A person's open stream, and when it showed something."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._answered: asyncio.Future[None] = loop.create_future()
        self.shown: asyncio.Future[float] = loop.create_future()

    async def open(self, port: int, token: str) -> Feed:
        """Ask for the stream; returns when it is answered."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", port)
        self._transport = transport
        path = "/api/v1/people/me/notifications/stream"
        transport.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        await asyncio.wait_for(self._answered, 60)
        return self

    def data_received(self, data: bytes) -> None:
        if not self._answered.done():
            if not data.startswith(b"HTTP/1.1 200"):
                self._answered.set_exception(RuntimeError(data[:200].decode("ascii", "replace")))
                return
            self._answered.set_result(None)
        if b"\ndata: " in data and not self.shown.done():
            self.shown.set_result(time.perf_counter())

    def close(self) -> None:
        self._transport.close()
