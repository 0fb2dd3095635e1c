"""Ours: an import of the register as a worker does it, from the sent file to its end; says its peak in MB."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvloop
from sqlalchemy import text

from bench.contestants import signals
from chassis import garbage, logging
from chassis.clock import utc_now
from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import load
from services.directory.imports.jobs import storage
from services.directory.imports.jobs.domain import PART_BYTES, Format, Job, State
from services.directory.imports.jobs.run import Imports
from services.directory.settings import DirectorySettings

_CITY = text("INSERT INTO city (id, version, joined_at, name_fr, name_nl) VALUES (:id, 1, now(), 'x', 'x')")


async def main() -> None:
    """Import once."""
    settings = load(DirectorySettings)
    logging.set_up(settings)
    database = Database(settings)
    job = await _sent(database, Path(sys.argv[1]))
    garbage.settle()  # as a worker does
    await signals.ready()
    await Imports(database, utc_now).go_on(job, asyncio.Event())
    peak = signals.most_megabytes()
    await database.close()
    signals.done(peak)


async def _sent(database: Database, path: Path) -> Job:
    options = {"postcodes": ["6720"], "language": "fr", "place": [5.64, 49.72]}
    job = Job(
        id=new_id(),
        city_id=new_id(),
        format=Format.KBO,
        source="kbo:made",
        state=State.RUNNING,
        dry_run=False,
        is_complete=True,
        options=options,
        created_by=new_id(),
        created_at=utc_now(),
        finished_at=None,
        rows_done=0,
        totals={},
        problem=None,
    )
    async with database.transaction() as tx:
        await tx.execute(_CITY, {"id": job.city_id})
        await storage.add(tx, job)
        with path.open("rb") as content:
            for number, part in enumerate(iter(lambda: content.read(PART_BYTES), b"")):
                await storage.put_part(tx, job, number, part)
    return job


if __name__ == "__main__":
    uvloop.run(main())
