"""What a fault run says: how much was injected, and by exact ids what became of the work meanwhile.

Short in `make test`, long in `make faults` (`--long`), which prints the table and writes
bench/results/faults.json, where a row replaces the older one of the same fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent.parent.parent / "bench" / "results" / "faults.json"


@dataclass(frozen=True)
class FaultRow:
    """One fault's account. *Lost*: accepted without its effect. *Doubled*: more than one effect."""

    fault: str
    injected: int
    """How many times the fault was seen to happen."""
    attempted: int
    accepted: int
    effected: int
    lost: int
    doubled: int
    seconds: float
    note: str = ""


class FaultReport:
    """Collects rows; `long` says how much is asked for."""

    def __init__(self, *, long: bool) -> None:
        self.long = long
        self.rows: list[FaultRow] = []

    def times(self, short: int, long: int) -> int:
        """How often to inject, or how much to send."""
        return long if self.long else short

    def add(self, row: FaultRow) -> None:
        """Keep a row, at once, so that a run that is cut short has not run for nothing.

        The caller asserts; a report is no check.
        """
        self.rows.append(row)
        if self.long:
            found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"rows": []}
            kept = {each["fault"]: each for each in found["rows"]}
            kept[row.fault] = asdict(row) | {"measured": datetime.now(UTC).date().isoformat()}
            RESULTS.write_text(json.dumps({"rows": list(kept.values())}, indent=2) + "\n")

    def show(self) -> None:
        """One table of this run."""
        table = Table(*FaultRow.__dataclass_fields__)
        for row in self.rows:
            table.add_row(
                *(
                    f"{value:.1f}" if isinstance(value, float) else str(value)
                    for value in asdict(row).values()
                )
            )
        Console(width=160).print(table)


@pytest.fixture(scope="session")
def faults(request: pytest.FixtureRequest) -> Iterator[FaultReport]:
    """The session's report."""
    report = FaultReport(long=bool(request.config.getoption("--long")))
    yield report
    if report.long and report.rows:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            report.show()
