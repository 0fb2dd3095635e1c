"""Writes the measured figures into README.md, between its marks, so that they are those of the last run.

`python -m bench.readme`; `make bench` and `make faults` end with it. A test compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parent
README = BENCH.parent / "README.md"
SPEED, FAULTS = "speed", "faults"


def speed_table(document: dict[str, Any]) -> str:
    """The rows of bench/results/latest.json as a table in Markdown."""
    lines = [
        "| measure | against | ours | theirs | ratio | target |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in document["rows"]:
        sign = {"higher": "≥", "lower": "≤"}[row["better"]]
        target = "" if row["target"] is None else f"{sign} {row['target']:g}{_verdict(row)}"
        figures = f"{_figure(row['ours'])} | {_figure(row['theirs'])} | {_ratio(row['ratio'])}"
        lines.append(f"| {row['measure']} | {row['against']} | {figures} | {target} |")
    return "\n".join(lines)


def faults_table(document: dict[str, Any]) -> str:
    """The rows of bench/results/faults.json as a table in Markdown."""
    lines = ["| fault | times | accepted | lost | doubled | seen |", "| --- | --- | --- | --- | --- | --- |"]
    for row in document["rows"]:
        counts = " | ".join(f"{row[name]:,}" for name in ("injected", "accepted", "lost", "doubled"))
        lines.append(f"| {row['fault']} | {counts} | {row['note']} |")
    return "\n".join(lines)


def _verdict(row: dict[str, Any]) -> str:
    if row["ratio"] is None:
        return ""
    if row["better"] == "higher":
        return "" if row["ratio"] >= row["target"] else ", **missed**"
    return "" if row["ratio"] <= row["target"] else ", **missed**"


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def with_figures(text: str) -> str:
    """`text` of the README with what lies between its marks written anew."""
    results = BENCH / "results"
    tables = {
        SPEED: speed_table(json.loads((results / "latest.json").read_text())),
        FAULTS: faults_table(json.loads((results / "faults.json").read_text())),
    }
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(end)
        if not tail:
            raise ValueError(f"README.md has no marks {begin.strip()} … {end}")
        text = f"{head}{begin}\n{table}\n\n{end}{tail}"
    return text


if __name__ == "__main__":
    README.write_text(with_figures(README.read_text()))
    print(f"wrote the figures into {README.name}")
