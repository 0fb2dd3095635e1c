"""The floor of the way from an action to a page: commit, publish, fetch, commit, and nothing else.

One process, one row for each action, no rule, no figure, no page. `chain <rate> <count>` begins an action
every 1/rate seconds, whatever became of those before, and says the median and the 99th percentile of the
milliseconds from when each was due to when its second commit was done.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from contextlib import suppress

import asyncpg
import nats
import uvloop
from nats.js import JetStreamContext

from bench.contestants import signals
from bench.ground import Message, messages
from chassis.settings import ServiceSettings, load
from contracts.streams import inbox_prefix

INSERT = "INSERT INTO raw_event (body) VALUES ($1)"


class Chain:
    """The steps, and when each action was due and done."""

    def __init__(self, pool: asyncpg.Pool, jetstream: JetStreamContext, wanted: list[Message]) -> None:
        self._pool = pool
        self._jetstream = jetstream
        self._wanted = wanted
        self._due: dict[bytes, float] = {}
        self.milliseconds: list[float] = []

    async def act(self, message: Message) -> None:
        """Commit, then publish."""
        await self._pool.execute(INSERT, message.body)
        await self._jetstream.publish(message.subject, message.body, headers=message.headers)

    async def consume(self) -> None:
        """Fetch what is there, commit it, acknowledge."""
        subscription = await self._jetstream.pull_subscribe_bind(
            durable="notifications__audience_blue", stream="CAMPAIGNS"
        )
        async with self._pool.acquire() as connection:
            while len(self.milliseconds) < len(self._wanted):
                batch = []
                with suppress(TimeoutError, nats.errors.TimeoutError):
                    batch = await subscription.fetch(500, timeout=5)
                await connection.executemany(INSERT, [(each.data,) for each in batch])
                done = time.perf_counter()
                self.milliseconds += [1000 * (done - self._due[each.data]) for each in batch]
                for each in batch:
                    await each.ack()

    async def run(self, rate: float) -> None:
        """All of them, at that rate."""
        consuming = asyncio.create_task(self.consume())
        acting = []
        began = time.perf_counter()
        for number, message in enumerate(self._wanted):
            due = self._due[message.body] = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            acting.append(asyncio.create_task(self.act(message)))
        await asyncio.gather(*acting)
        await asyncio.wait_for(consuming, 30)


async def main() -> None:
    """Run once."""
    rate, count = float(sys.argv[1]), int(sys.argv[2])
    settings = load(ServiceSettings)
    client = await nats.connect(
        settings.nats_url,
        user=settings.nats_user,
        password=settings.nats_password.get_secret_value(),
        inbox_prefix=inbox_prefix(settings.nats_user).encode(),
    )
    async with asyncpg.create_pool(settings.database_url, min_size=10, max_size=10) as pool:
        chain = Chain(pool, client.jetstream(timeout=10), list(messages(count)))
        await signals.ready()
        await chain.run(rate)
    await client.close()
    signals.done(statistics.median(chain.milliseconds))
    signals.done(statistics.quantiles(chain.milliseconds, n=100)[98])


if __name__ == "__main__":
    uvloop.run(main())
