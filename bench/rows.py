"""What a measurement says: one row each, printed as one table and kept in bench/results/latest.json."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "latest.json"

Better = Literal["higher", "lower"]
Contestant = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Row:
    """`ratio` is ours over theirs; `target` is for the ratio, None where the row is there to be seen.

    Without `ours` and `ratio` there was nothing that a figure could be of.
    """

    measure: str
    against: str
    ours: float | None
    theirs: float
    ratio: float | None
    target: float | None
    better: Better

    @property
    def reached(self) -> bool | None:
        """Whether the target is; None without one, or without a figure."""
        if self.target is None or self.ratio is None:
            return None
        return self.ratio >= self.target if self.better == "higher" else self.ratio <= self.target


def compare(
    measure: str,
    against: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    target: float | None,
    better: Better = "higher",
) -> Row:
    """A row of two contestants' rounds: medians, and the median of the ratios within a round.

    The machine's mood changes from minute to minute; within a round it is the same for both.
    """
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return Row(
        measure,
        against,
        _rounded(statistics.median(ours)),
        _rounded(statistics.median(theirs)),
        round(ratio, 2),
        target,
        better,
    )


async def interleaved(
    contestants: Mapping[str, Contestant], rounds: int, console: Console
) -> dict[str, list[float]]:
    """Each contestant once per round, in an order that turns, so that none always runs first."""
    results: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        turned = names[number % len(names) :] + names[: number % len(names)]
        for name in turned:
            figure = await contestants[name]()
            results[name].append(figure)
            console.print(f"  round {number + 1} of {rounds}: {name}: {figure:,.4g}")
    return results


def show(rows: Iterable[Row], console: Console) -> None:
    """The one table."""
    table = Table(*Row.__dataclass_fields__, "reached")
    for row in rows:
        reached = {None: "", True: "yes", False: "NO"}[row.reached]
        table.add_row(
            row.measure, row.against,
            _shown(row.ours, ",.4g"), _shown(row.theirs, ",.4g"), _shown(row.ratio, ".2f"),
            "" if row.target is None else f"{row.target:g}", row.better, reached,
        )  # fmt: skip
    console.print(table)


def keep(rows: Iterable[Row], rounds: int) -> list[Row]:
    """Write `rows` into RESULTS, where they replace older ones of the same name; returns all there are."""
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"rows": []}
    known = {(row["measure"], row["against"]): Row(**row) for row in found["rows"]}
    known |= {(row.measure, row.against): row for row in rows}
    RESULTS.parent.mkdir(exist_ok=True)
    document = {
        "rounds": rounds,
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "rows": [asdict(row) for row in known.values()],
    }
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    return list(known.values())


def _shown(figure: float | None, form: str) -> str:
    return "–" if figure is None else format(figure, form)


def _rounded(figure: float) -> float:
    return float(f"{figure:.4g}")
