"""An import that runs by itself, from its first part to its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID


class Format(StrEnum):
    """How a file is written."""

    CSV = "csv"
    KBO = "kbo"
    """Open data of the enterprise register (BCE/KBO), as its ZIP."""


class State(StrEnum):
    """Where an import is."""

    RECEIVING = "receiving"
    """Parts of the file are sent, and it is decided how to read them."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """The file could not be read to its end; what was done until there stays."""


ROWS_AT_ONCE = 1_000
HELD_FOR = timedelta(seconds=60)
"""How long a worker that died keeps others from going on; renewed while it lives."""
FILE_KEPT_FOR = timedelta(days=1)
"""After a dry run, so that it can be started for real without being sent again."""
MOST_BYTES = 1 << 30
PART_BYTES = 8 << 20


@dataclass(frozen=True)
class Job:
    """One import."""

    id: UUID
    city_id: UUID
    format: Format
    source: str
    state: State
    dry_run: bool
    is_complete: bool
    options: dict[str, Any]
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None
    rows_done: int
    totals: dict[str, int]
    problem: str | None

    @property
    def postcodes(self) -> list[str] | None:
        """Where alone the file is read; None where all of it is."""
        return self.options["postcodes"] if self.format is Format.KBO else None
