"""Two workers on one durable against one, and against what the second core allows at most."""

from __future__ import annotations

from functools import partial

from rich.console import Console

from bench.consumer import DURABLE, rate
from bench.ground import COUNTED, Ground, ground
from bench.rows import Row, compare, interleaved


async def rows(rounds: int, console: Console) -> list[Row]:
    """Events a second. The most is two workers with nothing in common but the machine and the servers."""
    with ground() as servers:
        await servers.template("notifications")
        found = await interleaved(
            {
                "two": partial(rate, servers, "audience_consumer", COUNTED, workers=("blue", "blue")),
                "one": partial(rate, servers, "audience_consumer", COUNTED),
                "the most": partial(_apart, servers),
            },
            rounds,
            console,
        )
    measure = "two workers on one durable, events/s"
    return [
        compare(measure, "one worker", found["two"], found["one"], target=None),
        compare(
            measure,
            "two workers on durables and tables of their own",
            found["two"],
            found["the most"],
            target=None,
        ),
    ]


async def _apart(servers: Ground) -> float:
    """Two workers, each reading everything into its own tables: together twice the events."""
    return 2 * await rate(
        servers,
        "audience_consumer",
        COUNTED,
        workers=("blue", "green"),
        durables=(DURABLE, DURABLE.replace("blue", "green")),
    )
