"""`make bench`: the measurements, as one table and as bench/results/latest.json.

`python -m bench consumer relay` measures only these; what else is in latest.json stays.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable

from rich.console import Console

from bench import (
    consumer,
    dashboard,
    feeds,
    growth,
    imports,
    live,
    mails,
    notified,
    pages,
    peak,
    post,
    redirects,
    relay,
    report,
    rest,
    screening,
    search,
    study,
    submissions,
    sync,
    workers,
)
from bench.rows import Row, keep, show

MEASUREMENTS: dict[str, Callable[[int, Console], Awaitable[list[Row]]]] = {
    "consumer": consumer.rows,
    "workers": workers.rows,
    "growth": growth.rows,
    "notified": notified.rows,
    "relay": relay.rows,
    "sync": sync.rows,
    "post": post.rows,
    "submissions": submissions.rows,
    "live": live.rows,
    "mails": mails.rows,
    "peak": peak.rows,
    "feeds": feeds.rows,
    "rest": rest.rows,
    "search": search.rows,
    "imports": imports.rows,
    "redirects": redirects.rows,
    "dashboard": dashboard.rows,
    "pages": pages.rows,
    "report": report.rows,
    "screening": screening.rows,
    "study": study.rows,
}


async def main() -> None:
    """Measure what was asked for, one after the other; keep each as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measurement", nargs="*", choices=[*MEASUREMENTS, []], help="all without one")
    parser.add_argument("--rounds", type=int, default=5, help="of each contestant (5)")
    asked = parser.parse_args()
    console = Console(width=140)
    measured: list[Row] = []
    for name in asked.measurement or MEASUREMENTS:
        console.print(f"[bold]{name}[/bold]")
        rows = await MEASUREMENTS[name](asked.rounds, console)
        keep(rows, asked.rounds)
        measured += rows
    show(measured, console)


if __name__ == "__main__":
    asyncio.run(main())
