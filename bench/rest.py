"""The system at rest: how long a start takes, and what all processes hold in memory."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bench.rows import Row, compare
from deploy.one_machine.footprint import Footprint, measure
from deploy.one_machine.ports import Ports

READY_TARGET, MEMORY_TARGET = 15.0, 1200.0


async def rows(rounds: int, console: Console) -> list[Row]:
    """One start from nothing and `rounds` more."""
    return await asyncio.to_thread(_rows, rounds, console)


def _rows(rounds: int, console: Console) -> list[Row]:
    root = Path(tempfile.mkdtemp(prefix="cococity-bench-"))
    root.chmod(0o755)
    try:
        first = _start(root, console, "first start, from an empty directory")
        again = [_start(root, console, f"start {each} of {rounds}") for each in range(1, rounds + 1)]
    finally:
        shutil.rmtree(root, ignore_errors=True)
    seconds = statistics.median(each.seconds_to_ready or 0.0 for each in again)
    memory = statistics.median(each.total / 1e6 for each in again)
    return [
        _row("time to ready, first start, s", first.seconds_to_ready or 0.0, READY_TARGET),
        _row("time to ready, next starts, s", seconds, READY_TARGET),
        _row(f"all processes at rest ({again[0].measure}), MB", memory, MEMORY_TARGET),
    ]


def _row(name: str, ours: float, limit: float) -> Row:
    return compare(name, "the limit set", [ours], [limit], target=1.0, better="lower")


def _start(root: Path, console: Console, what: str) -> Footprint:
    """One start without the demo town, measured a moment after it is ready, and stopped again."""
    options = ["--root", str(root), "--port", str(_free_base()), "--no-demo"]
    command = [sys.executable, "-m", "operations", "up", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "Ctrl-C stops everything" in line:
                    break
            measured = measure(root / "run")
        finally:
            process.terminate()
    if measured is None or measured.seconds_to_ready is None:
        raise SystemExit("the system did not start; try `make run` and look at what it says")
    console.print(f"  {what}: ready in {measured.seconds_to_ready:.1f} s, {measured.total / 1e6:.0f} MB")
    return measured


def _free_base() -> int:
    while True:
        base = 20_000 + secrets.randbelow(110) * 100
        if not Ports.from_base(base).taken():
            return base
