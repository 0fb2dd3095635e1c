"""Sends a large file part by part, and shows how far its import is."""

from __future__ import annotations

import json
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import typer

from operations.gateway_session import NEEDS_A_PERSON, REFUSED, CommandFailed, Session

PART_BYTES = 4 * 1024 * 1024
LOOKS_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Reading:
    """How a file is read."""

    source: str
    dry_run: bool
    complete: bool
    columns: Sequence[str]
    kind: str | None
    place: str | None

    def start(self) -> dict[str, Any]:
        """The body that starts the import. Raises CommandFailed."""
        asked: dict[str, Any] = {"dry_run": self.dry_run, "is_complete": self.complete}
        if self.columns:
            asked["mapping"] = dict(map(_column, self.columns))
        if self.kind is not None:
            asked["kind"] = self.kind
        if self.place is not None:
            asked["place"] = _place(self.place)
        return asked


def import_in_parts(opened: Session, city: str, file: Path, how: Reading, report: Path | None) -> None:
    """Announce, send, start and watch. Stopped in between, the import goes on without its watcher."""
    start = how.start()
    is_register = file.is_dir() or file.suffix.lower() == ".zip"
    job = _announced(opened, city, how.source, "kbo" if is_register else "csv")
    if file.is_dir():
        with tempfile.TemporaryDirectory(prefix="cococity-import-") as folder:
            _send(opened, job, _packed(file, Path(folder)))
    else:
        _send(opened, job, file)
    opened.post(f"/api/v1/imports/{job}/start", json=start)
    done = _watched(opened, job)
    if report is not None:
        rows = list(opened.all_items(f"/api/v1/imports/{job}/rows", limit=100))
        report.write_text(json.dumps({**done, "items": rows}, indent=2, ensure_ascii=False), encoding="utf-8")
    _show(done)
    if done["state"] == "failed":
        raise CommandFailed(
            str(done["problem"]), "What was done until there stays; mend the file.", NEEDS_A_PERSON
        )


def _packed(files: Path, folder: Path) -> Path:
    packed = folder / "register.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(files.glob("*.csv")):
            archive.write(file, file.name)
    return packed


def _announced(opened: Session, city: str, source: str, form: str) -> str:
    created = opened.post(
        f"/api/v1/cities/{city}/import-jobs",
        json={"source": source, "format": form},
        headers={"Idempotency-Key": str(uuid4())},
    )
    return str(created["id"])


def _send(opened: Session, job: str, file: Path) -> None:
    with file.open("rb") as content:
        for number, part in enumerate(iter(lambda: content.read(PART_BYTES), b"")):
            opened.put(
                f"/api/v1/imports/{job}/parts/{number}",
                content=part,
                headers={"Content-Type": "application/octet-stream"},
            )


def _watched(opened: Session, job: str) -> dict[str, Any]:
    from operations.terminal import messages

    with messages().status("is being read …") as status:
        while True:
            found: dict[str, Any] = opened.get(f"/api/v1/imports/{job}")
            if found["state"] != "running":
                return found
            status.update(f"{found['rows_done']:,} rows are done …")
            time.sleep(LOOKS_EVERY_SECONDS)


def _show(done: dict[str, Any]) -> None:
    for outcome, count in sorted(done["totals"].items()):
        typer.echo(f"{outcome.replace('_', ' '):>12}  {count:,}")
    typer.echo(f"{'all':>12}  {done['rows_done']:,}{' (a dry run)' if done['dry_run'] else ''}")
    typer.echo(f"What became of each row: GET /api/v1/imports/{done['id']}/rows")


def _column(said: str) -> tuple[str, int]:
    field, _, number = said.partition("=")
    if not number.isdecimal():
        raise CommandFailed(f"--column {said} is not like name=3.", "Columns are counted from 0.", REFUSED)
    return field, int(number)


def _place(said: str) -> dict[str, float]:
    try:
        longitude, latitude = map(float, said.split(","))
    except ValueError:
        raise CommandFailed(f"--place {said} is not like 5.64,49.72.", "Longitude first.", REFUSED) from None
    return {"longitude": longitude, "latitude": latitude}
