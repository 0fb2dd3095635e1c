"""docs/access.md: who reaches what, a row for each route, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.access.callers import COLUMNS

FILE = Path(__file__).parents[2] / "docs" / "access.md"
EVERY_SERVICE = "every service"
"""The section of the routes that the chassis gives to each service."""

Cells = Mapping[str, str]
"""By column, what a caller reaches."""


def read(text: str) -> dict[str, dict[str, Cells]]:
    """By section (`## name`) and route. Raises ValueError for a line that is no row of the table."""
    sections: dict[str, dict[str, Cells]] = {}
    rows: dict[str, Cells] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            rows = sections.setdefault(line.removeprefix("## ").strip(), {})
        elif line.startswith("| `"):
            route, *cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
            if len(cells) != len(COLUMNS):
                raise ValueError(f"{FILE.name}:{number}: {len(cells)} cells for {len(COLUMNS)} columns")
            if (name := route.strip("`")) in rows:
                raise ValueError(f"{FILE.name}:{number}: {name} is there twice")
            rows[name] = dict(zip(COLUMNS, cells, strict=True))
    return sections


def row(route: str, cells: Cells) -> str:
    """The line that says this."""
    return f"| `{route}` | {' | '.join(cells[column] for column in COLUMNS)} |"


def committed() -> dict[str, dict[str, Cells]]:
    """The table as it is committed."""
    return read(FILE.read_text(encoding="utf-8"))
