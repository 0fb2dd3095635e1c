"""What one action costs the whole system: CPU by process, bytes by table and stream.

`python -m bench.cost` posts reviews and shares through the gateway of a real system on this machine and
prints what they took, and writes bench/results/cost.json. docs/scaling.md reckons with these figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from demo.simulator import Simulator
from tests.faults.loads import deployer, drained, rows
from tests.support.running_system import OWNERS_OF_DATA, RunningSystem, running_system

RESULTS = Path(__file__).parent / "results" / "cost.json"
STREAMS = "NATS JetStream"

_TABLES = """
    SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r'
"""


async def main() -> None:
    """Start, warm up, post, wait until all is settled, and compare with before."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("--rate", type=float, default=50.0, help="actions a second (50)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    asked = parser.parse_args()
    console = Console(width=120)
    with running_system() as town:
        console.print("warming up")
        await Simulator(town.gateway, asked.rate, 5).run()
        await drained(town)
        before = await _taken(town)
        console.print(f"{asked.rate:g} actions a second for {asked.seconds:g} seconds")
        result = await Simulator(town.gateway, asked.rate, asked.seconds, effects_within=120).run()
        await drained(town, 120)
        after = await _taken(town)
    if not result.exact:
        raise SystemExit(f"not every action had its effect once: {result.line()}")
    costs = _per_action(before, after, len(result.accepted))
    for title, each in costs.items():
        _show(title, each, console)
    document = {"actions": len(result.accepted), "rate": asked.rate, "per_action": costs}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


async def _taken(town: RunningSystem) -> dict[str, dict[str, float]]:
    """CPU seconds of every program, and bytes of every table and stream, up to now."""
    tables: dict[str, float] = {}
    for service in OWNERS_OF_DATA:
        for row in await rows(town, service, _TABLES):
            tables[f"{service}.{row['name']}"] = float(row["bytes"])
    client = await deployer(town)
    streams: dict[str, float] = {}
    for info in await client.jetstream().streams_info():
        streams[f"{info.config.name} bytes before compression"] = float(info.state.bytes)
        streams[f"{info.config.name} messages"] = float(info.state.messages)
    await client.close()
    on_disk = sum(
        path.stat().st_size for path in (town.system.root / "jetstream").rglob("*") if path.is_file()
    )
    streams["all streams on disk, compressed"] = float(on_disk)
    cpu = {name: _cpu_seconds(child.process.pid) * 1000 for name, child in town.children.items()}
    return {"CPU milliseconds": cpu, "bytes in PostgreSQL": tables, STREAMS: streams}


def _cpu_seconds(pid: int) -> float:
    """Of a process, its living descendants, and those that have ended and were waited for."""
    root = psutil.Process(pid)
    own = root.cpu_times()
    ended = float(own.children_user + own.children_system)
    living: list[Any] = [own, *(child.cpu_times() for child in root.children(recursive=True))]
    return ended + sum(float(times.user + times.system) for times in living)


def _per_action(
    before: dict[str, dict[str, float]], after: dict[str, dict[str, float]], actions: int
) -> dict[str, dict[str, float]]:
    costs = {}
    for title, taken in after.items():
        grown = {name: (amount - before[title].get(name, 0.0)) / actions for name, amount in taken.items()}
        costs[title] = {
            name: round(amount, 3)
            for name, amount in sorted(grown.items(), key=lambda item: -item[1])
            if amount >= 0.01
        }
    return costs


def _show(title: str, costs: dict[str, float], console: Console) -> None:
    table = Table(f"{title} per action", "")
    for name, amount in costs.items():
        table.add_row(name, f"{amount:,.2f}")
    if title != STREAMS:  # there messages, bytes and bytes on disk stand side by side
        table.add_row("together", f"{sum(costs.values()):,.2f}")
    console.print(table)


if __name__ == "__main__":
    asyncio.run(main())
