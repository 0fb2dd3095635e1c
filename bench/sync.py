"""What it costs to have NATS sync each message before it acknowledges it (docs/decisions/0007)."""

from __future__ import annotations

from functools import partial

from rich.console import Console

from bench.ground import Ground, contestant, fresh_database, ground
from bench.relay import rate
from bench.rows import Row, compare, interleaved
from contracts.streams import DEPLOYER
from operations.streams import create_streams
from tests.support.servers import Nats

CHAIN_RATE, CHAIN_ACTIONS = 200, 2_000


async def rows(rounds: int, console: Console) -> list[Row]:
    """Events a second of the relay, milliseconds of the bare chain; two servers that differ in this alone."""
    with ground() as servers:
        root = servers.postgres.root / "synced"
        root.mkdir()
        nats = Nats(root, sync_interval="always")
        nats.start()
        try:
            synced = Ground(servers.postgres, nats)
            for template in ("campaigns", "notifications"):
                await servers.template(template)
            found = await interleaved(
                {
                    "relay, synced": partial(rate, synced, "relay"),
                    "relay": partial(rate, servers, "relay"),
                    "chain, synced": partial(_chain, synced),
                    "chain": partial(_chain, servers),
                },
                rounds,
                console,
            )
        finally:
            nats.kill()
    return [
        compare(
            "relay, each message synced before its acknowledgement, rows/s",
            "synced every two minutes",
            found["relay, synced"],
            found["relay"],
            target=None,
        ),
        compare(
            f"commit, publish, fetch, commit at {CHAIN_RATE}/s, each message synced, median ms",
            "synced every two minutes",
            found["chain, synced"],
            found["chain"],
            target=None,
            better="lower",
        ),
    ]


async def _chain(servers: Ground) -> float:
    await servers.nats.delete_streams()
    async with servers.jetstream() as jetstream, fresh_database(servers) as url:
        await create_streams(jetstream)
        environment = servers.environment(DEPLOYER, url)
        process = contestant("chain", str(CHAIN_RATE), str(CHAIN_ACTIONS), environment=environment)
        async with process as chain:
            chain.begin()
            return await chain.result()
