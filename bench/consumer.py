"""The audience consumer, from a filled stream to committed rows: against its floor and two usual ways.

All read the same events from the same server into the same tables of the same server (the floor into a
table of raw events), each in processes of its own, started before the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from rich.console import Console

from bench.celery_peer import celery_rate, redis_server
from bench.ground import (
    COUNTED,
    EVENTS,
    MERCHANTS,
    Ground,
    contestant,
    fresh_database,
    ground,
    seconds_until_read,
)
from bench.rows import Contestant, Row, compare, interleaved
from contracts.streams import DEPLOYER

AT_ONCE = (8, 16, 32)
"""Handlers at a time that the usual FastStream way is tried with; its best counts."""
DURABLE = "notifications__audience_blue"


async def rows(rounds: int, console: Console) -> list[Row]:
    """Events a second."""
    with ground() as servers:
        await servers.template("notifications")
        best = await _best_usual(servers, console)
        ours = "audience consumer, events/s"
        peers: dict[str, tuple[str, float]] = {
            "floor": ("the floor: nats-py fetch(500), COPY, ack", 0.5),
            "FastStream": (f"FastStream, one message a handler, {best} at once", 4.0),
        }
        contestants: dict[str, Contestant] = {
            "ours": partial(rate, servers, "audience_consumer", COUNTED),
            "floor": partial(rate, servers, "floor_consumer", "SELECT count(*) FROM raw_event"),
            "FastStream": partial(usual_rate, servers, best),
        }
        async with AsyncExitStack() as stack:
            redis = await stack.enter_async_context(redis_server())
            if redis is None:
                console.print(
                    "[red]No redis-server: Celery is not measured. Debian: apt-get install redis-server"
                )
            else:
                peers["Celery"] = ("Celery and Redis, one task an event, two processes", 6.0)
                contestants["Celery"] = partial(celery_rate, servers, redis)
            found = await interleaved(contestants, rounds, console)
    return [
        compare(ours, against, found["ours"], found[name], target=target)
        for name, (against, target) in peers.items()
    ]


async def rate(
    servers: Ground,
    module: str,
    counted: str,
    *,
    workers: Sequence[str] = ("blue",),
    durables: Sequence[str] = (DURABLE,),
    user: str = "notifications",
    template: str = "notifications_template",
    before: int = 0,
    merchants: int = MERCHANTS,
) -> float:
    """Events a second of one contestant over a stream and a database of its own.

    One process for each of `workers`, its argument. Measured until all `durables` are read. `counted` counts
    what was done, beyond what the `template` had `before`.
    """
    await servers.filled_stream(merchants=merchants)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(servers, template))
        environment = servers.environment(user, url)
        processes = [
            await stack.enter_async_context(contestant(module, worker, environment=environment))
            for worker in workers
        ]
        jetstream = await stack.enter_async_context(servers.jetstream())
        for process in processes:
            process.begin()
        seconds = await asyncio.gather(
            *(seconds_until_read(jetstream, "CAMPAIGNS", durable) for durable in durables)
        )
        done = await servers.count(url, counted) - before
    if done != EVENTS:
        raise RuntimeError(f"{module} did {done} of {EVENTS} events")
    return EVENTS / max(seconds)


async def usual_rate(servers: Ground, at_once: int) -> float:
    """Of FastStream's usual way, which creates its durable and may do so."""
    return await rate(
        servers, "usual_consumer", COUNTED, workers=(str(at_once),), user=DEPLOYER, durables=("usual",)
    )


async def _best_usual(servers: Ground, console: Console) -> int:
    """With how many handlers at once FastStream's usual way is fastest here."""
    rates = {}
    for at_once in AT_ONCE:
        rates[at_once] = await usual_rate(servers, at_once)
        console.print(f"  FastStream, {at_once} handlers at once: {rates[at_once]:,.0f}/s")
    return max(rates, key=rates.__getitem__)
