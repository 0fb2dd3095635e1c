"""Where the time goes from a POST to the open page, step by step: `python -m bench.timeline [rate]`.

At 50 actions a second none waits for another here, so that each step belongs to the action before it.
Writes bench/results/timeline.json.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import live
from bench.ground import ground
from bench.post import Town

RESULTS = Path(__file__).parent / "results" / "timeline.json"
STEPS = (
    "the service has the POST",
    "action and event are committed",
    "the POST is answered",
    "the relay's publishing begins",
    "the relay's publishing ends",
    "the consumer's batch begins",
    "reading the figures begins",
    "the consumer's batch ends",
    "reading the figures ends",
    "the page shows it",
)


async def measure(rate: int) -> dict[str, float]:
    """Median milliseconds from when an action was due to each step."""
    with ground() as servers:
        town = Town(servers, servers.postgres.root)
        await town.build()
        await servers.template("notifications")
        town.stamps = servers.postgres.root
        pages = await live.watched(town, rate)
        due = sorted(at for page in pages for at in page.due)
        taken: defaultdict[str, list[float]] = defaultdict(list)
        taken["the page shows it"] = [seconds for page in pages for seconds in page.seconds]
        for file in town.stamps.glob("*.stamps"):
            for line in file.read_text().splitlines():
                at, _, step = line.partition(" ")
                place = bisect_right(due, float(at)) - 1
                if place >= 0:
                    taken[step].append(float(at) - due[place])
    return {step: round(1000 * statistics.median(taken[step]), 2) for step in STEPS}


def main() -> None:
    """Measure, show, keep."""
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    found = asyncio.run(measure(rate))
    table = Table("step", "ms since it was due", "ms of this step", title=f"{rate} actions a second, medians")
    before = 0.0
    for step, at in found.items():
        table.add_row(step, f"{at:.2f}", f"{at - before:.2f}")
        before = at
    Console().print(table)
    RESULTS.write_text(json.dumps({"rate": rate, "milliseconds": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
