"""`make bench`: measurements, as one table and as bench/results/latest.json.

So far the system at rest. Each row: measure, against, ours, theirs, ratio, target, better.
"""

from __future__ import annotations

import json
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.one_machine.footprint import Footprint, measure
from deploy.one_machine.ports import Ports

ROUNDS = 5
RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Start the system once from nothing and ROUNDS times again; print and write what it took."""
    root = Path(tempfile.mkdtemp(prefix="cococity-bench-"))
    root.chmod(0o755)
    console = Console()
    try:
        first = _start(root, console, "first start, from an empty directory")
        again = [_start(root, console, f"start {each} of {ROUNDS}") for each in range(1, ROUNDS + 1)]
    finally:
        shutil.rmtree(root, ignore_errors=True)
    memory = [each.total / 1e6 for each in again]
    rows = [
        _row("time to ready, first start", "s", first.seconds_to_ready or 0.0, 15.0),
        _row(
            "time to ready, next starts",
            "s",
            statistics.median(each.seconds_to_ready or 0.0 for each in again),
            15.0,
        ),
        _row(f"all processes at rest ({again[0].measure})", "MB", statistics.median(memory), 1200.0),
    ]
    _show(rows, console)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"rounds": ROUNDS, "rows": rows}, indent=2) + "\n")


def _start(root: Path, console: Console, what: str) -> Footprint:
    """One start without the demo town, measured a moment after it is ready, and stopped again."""
    base = _free_base()
    command = [
        sys.executable,
        "-m",
        "operations",
        "up",
        "--root",
        str(root),
        "--port",
        str(base),
        "--no-demo",
    ]
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
    console.print(f"{what}: ready in {measured.seconds_to_ready:.1f} s, {measured.total / 1e6:.0f} MB")
    return measured


def _free_base() -> int:
    while True:
        base = 20_000 + secrets.randbelow(110) * 100
        if not Ports.from_base(base).taken():
            return base


def _row(name: str, unit: str, ours: float, target: float) -> dict[str, Any]:
    return {
        "measure": f"{name}, {unit}",
        "against": "target",
        "ours": round(ours, 2),
        "theirs": target,
        "ratio": round(ours / target, 2),
        "target": 1.0,
        "better": "lower",
    }


def _show(rows: list[dict[str, Any]], console: Console) -> None:
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(str, row.values()))
    console.print(table)


if __name__ == "__main__":
    main()
