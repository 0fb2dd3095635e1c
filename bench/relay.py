"""The relay: outbox rows published and marked, against publishing the same from memory."""

from __future__ import annotations

from functools import partial

import asyncpg
from rich.console import Console

from bench.ground import EVENTS, Ground, contestant, ground, messages
from bench.rows import Row, compare, interleaved
from operations.streams import create_streams

TARGET = 0.6


async def rows(rounds: int, console: Console) -> list[Row]:
    """Events a second."""
    with ground() as servers:
        await servers.template("campaigns")
        contestants = {
            "relay": partial(rate, servers, "relay"),
            "bare": partial(rate, servers, "bare_publish"),
        }
        found = await interleaved(contestants, rounds, console)
    measure, against = "relay, outbox rows published and marked/s", "bare publish_async from memory"
    return [compare(measure, against, found["relay"], found["bare"], target=TARGET)]


async def rate(servers: Ground, module: str) -> float:
    """Events a second of one contestant, from an outbox that holds EVENTS."""
    await servers.nats.delete_streams()
    url = await servers.postgres.create_database(template="campaigns_template")
    connection = await asyncpg.connect(url)
    records = [(each.id, each.subject, each.body) for each in messages()]
    await connection.copy_records_to_table("outbox", records=records, columns=["id", "subject", "body"])
    async with servers.jetstream() as jetstream:
        await create_streams(jetstream)
        async with contestant(module, environment=servers.environment("campaigns", url)) as process:
            process.begin()
            seconds = await process.result()
        stored = (await jetstream.stream_info("CAMPAIGNS")).state.messages
    left = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    await connection.close()
    await servers.postgres.drop_database(url.rsplit("/", 1)[1])
    if stored != EVENTS or (module == "relay" and left):
        raise RuntimeError(f"{module}: {stored} of {EVENTS} events in the stream, {left} rows left")
    return EVENTS / seconds
