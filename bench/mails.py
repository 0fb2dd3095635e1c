"""Digests rendered and handed to a mail server: ours against the bare library sending the same bytes.

The server is a process of its own that keeps nothing, so that the figure is the sender's.
"""

from __future__ import annotations

from functools import partial

from rich.console import Console

from bench.ground import contestant
from bench.rows import Contestant, Row, compare, interleaved
from tests.support.servers import free_port

DIGESTS = 1_000
TARGET = 0.6


async def rows(rounds: int, console: Console) -> list[Row]:
    """Digests a second."""
    port = free_port()
    async with contestant("smtp_sink", str(port), environment={}):
        contestants: dict[str, Contestant] = {
            name: partial(_a_second, name, port) for name in ("ours", "bare")
        }
        found = await interleaved(contestants, rounds, console)
    measure = "digests with a chart rendered and handed to SMTP, a second"
    against = "bare aiosmtplib sending the same bytes"
    return [compare(measure, against, found["ours"], found["bare"], target=TARGET)]


async def _a_second(name: str, port: int) -> float:
    async with contestant("digests", name, str(port), str(DIGESTS), environment={}) as process:
        process.begin()
        return DIGESTS / await process.result()
