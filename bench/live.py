"""End to end: from a citizen's POST to the audience update on an open page, against the bare chain.

Ours: campaigns and notifications as processes, each with API, relay and consumers as in `make run`; this
process posts at a steady rate, whatever became of the posts before, and watches one page for each merchant.
Each post counts from when it was due. The chain: bench/contestants/chain.py.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from uuid import UUID, uuid4

from nats.js import JetStreamContext
from rich.console import Console

from bench.ground import (
    CITY,
    Message,
    contestant,
    fresh_database,
    ground,
    merchant,
    publish,
    seconds_until_read,
)
from bench.load import post_all, post_steadily
from bench.post import MERCHANTS, REVIEWS, Town, listed, town_database
from bench.rows import Row, compare
from chassis.clock import utc_now
from chassis.identity import Grant, Role
from contracts.directory.v1 import MerchantClaimed
from contracts.envelope import Event, encode
from contracts.streams import DEPLOYER, subject_of
from operations.streams import create_streams

CONNECTIONS = 16
ACTIONS = {50: 1_000, 200: 3_000}
"""By rate a second, how many."""
TARGETS: dict[int, tuple[float | None, float | None]] = {50: (None, None), 200: (3.0, 5.0)}
"""By rate, for the median and for the 99th percentile."""
EFFECT_SECONDS = 30.0

Latency = tuple[float, float]
"""Median and 99th percentile, in milliseconds."""


async def rows(rounds: int, console: Console) -> list[Row]:
    """Milliseconds."""
    with ground() as servers:
        town = Town(servers, servers.postgres.root)
        await town.build()
        await servers.template("notifications")
        return [row for rate in ACTIONS for row in await _rows(town, rate, rounds, console)]


async def _rows(town: Town, rate: int, rounds: int, console: Console) -> list[Row]:
    contestants = [("ours", _ours), ("chain", _chain)]
    found: dict[str, list[Latency]] = {"ours": [], "chain": []}
    for number in range(rounds):
        for name, measure in contestants if number % 2 else reversed(contestants):
            median, late = await measure(town, rate)
            found[name].append((median, late))
            console.print(f"  {rate}/s, round {number + 1} of {rounds}: {name}: {median:.1f}, {late:.1f} ms")
    return [
        compare(
            f"end to end at {rate} actions/s, {name}, ms",
            "commit, publish, fetch, commit at that rate",
            [each[place] for each in found["ours"]],
            [each[place] for each in found["chain"]],
            target=TARGETS[rate][place],
            better="lower",
        )
        for place, name in enumerate(("median", "99th percentile"))
    ]


async def _chain(town: Town, rate: int) -> Latency:
    async with AsyncExitStack() as stack:
        await _fresh_streams(town, stack)
        url = await stack.enter_async_context(fresh_database(town.servers))
        environment = town.servers.environment(DEPLOYER, url)
        process = await stack.enter_async_context(
            contestant("chain", str(rate), str(ACTIONS[rate]), environment=environment)
        )
        process.begin()
        return await process.result(), await process.result()


async def _ours(town: Town, rate: int) -> Latency:
    milliseconds = [1000 * seconds for page in await watched(town, rate) for seconds in page.seconds]
    return statistics.median(milliseconds), statistics.quantiles(milliseconds, n=100)[98]


async def watched(town: Town, rate: int) -> list[Page]:
    """One round of ours: every page, with when each of its reviews was due and how long it took."""
    async with _system(town) as (campaigns, notifications):
        await post_all(campaigns, town.reviews([0], REVIEWS), CONNECTIONS)
        pages = [Page() for _ in range(1, MERCHANTS)]
        for number, page in enumerate(pages, start=1):
            await page.open(notifications, merchant(number), town)
        wanted = list(islice(_in_turn(town), ACTIONS[rate]))

        def due(number: int, when: float) -> None:
            pages[number % len(pages)].due.append(when)

        answers = await post_steadily(campaigns, wanted, rate, CONNECTIONS, due)
        if answers.statuses != {201: len(wanted)}:
            raise RuntimeError(f"not every review was accepted: {dict(answers.statuses)}")
        async with asyncio.timeout(EFFECT_SECONDS):
            for page in pages:
                await page.complete()
                page.close()
    return pages


def _in_turn(town: Town) -> list[bytes]:
    """One review after the other of a merchant after the other, so that a merchant's come far apart."""
    each = [list(town.reviews([number], REVIEWS)) for number in range(1, MERCHANTS)]
    return [request for at_once in zip(*each, strict=True) for request in at_once]


@asynccontextmanager
async def _system(town: Town) -> AsyncIterator[tuple[int, int]]:
    """Both services over fresh databases and streams, knowing all merchants; their ports."""
    async with AsyncExitStack() as stack:
        jetstream = await _fresh_streams(town, stack)
        facts = [listed(merchant(number)) for number in range(MERCHANTS)]
        claims = [MerchantClaimed(city_id=CITY, merchant_id=each.merchant_id, version=2) for each in facts]
        events = [Event.of(fact, utc_now()) for fact in (*facts, *claims)]
        await publish(jetstream, [Message(each.id, subject_of(each), encode(each), {}) for each in events])
        campaigns = await stack.enter_async_context(town_database(town.servers))
        notifications = await stack.enter_async_context(fresh_database(town.servers))
        ports = (
            await stack.enter_async_context(town.service(campaigns, "all")),
            await stack.enter_async_context(town.service(notifications, "all", "notifications")),
        )
        for durable in ("campaigns__places", "notifications__merchants"):
            await seconds_until_read(jetstream, "DIRECTORY", durable)
        yield ports


async def _fresh_streams(town: Town, stack: AsyncExitStack) -> JetStreamContext:
    await town.servers.nats.delete_streams()
    jetstream = await stack.enter_async_context(town.servers.jetstream())
    await create_streams(jetstream)
    return jetstream


class Page(asyncio.Protocol):
    """An open audience page: when each of its merchant's reviews was due, and when it was shown."""

    def __init__(self) -> None:
        self.due: list[float] = []
        self.seconds: list[float] = []
        self._received = b""
        self._opened = asyncio.Event()
        self._more = asyncio.Event()

    async def open(self, port: int, of: UUID, town: Town) -> None:
        """Ask for the stream as a consultant of the city; returns when it shows how things stand."""
        token = town.issuer.token(uuid4(), Grant(Role.consultant, city_id=CITY), seconds=7200)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", port)
        self._transport = transport
        transport.write(
            f"GET /api/v1/audience/{of}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        await asyncio.wait_for(self._opened.wait(), 10)

    def data_received(self, data: bytes) -> None:
        """Every review up to the total that is shown is shown now."""
        now = time.perf_counter()
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                shown = json.loads(line.removeprefix(b"data: "))["totals"].get("review", 0)
                self.seconds += [now - due for due in self.due[len(self.seconds) : shown]]
                self._opened.set()
                self._more.set()

    async def complete(self) -> None:
        """Return when all that was posted is shown."""
        while len(self.seconds) < len(self.due):
            self._more.clear()
            await self._more.wait()

    def close(self) -> None:
        self._transport.close()
