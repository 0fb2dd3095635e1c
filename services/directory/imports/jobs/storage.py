"""Rows of imports."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, and_, bindparam, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database, Transaction, copy_rows
from services.directory.imports.given import MOST_OF_A_NAME
from services.directory.imports.jobs.domain import HELD_FOR, Format, Job, State
from services.directory.imports.jobs.plan import Line
from services.directory.imports.jobs.tables import import_job, import_part, import_row
from services.directory.merchants.domain import Merchant


async def add(tx: Transaction, job: Job) -> None:
    """A new import."""
    await tx.execute(insert(import_job).values(**vars(job)))


async def job_by_id(connection: AsyncConnection, job_id: UUID) -> Job | None:
    """The import, as it is just now."""
    row = (await connection.execute(select(import_job).where(import_job.c.id == job_id))).first()
    return of_row(row) if row is not None else None


async def lock(tx: Transaction, job_id: UUID) -> Job | None:
    """The import, locked until the transaction ends."""
    found = select(import_job).where(import_job.c.id == job_id).with_for_update()
    row = (await tx.execute(found)).first()
    return of_row(row) if row is not None else None


async def claim(tx: Transaction, now: datetime) -> Job | None:
    """The oldest import that nobody is at, held for HELD_FOR."""
    is_free = (import_job.c.held_until.is_(None)) | (import_job.c.held_until < now)
    waiting = select(import_job).where(import_job.c.state == State.RUNNING.value, is_free)
    found = waiting.order_by(import_job.c.id).limit(1).with_for_update(skip_locked=True)
    row = (await tx.execute(found)).first()
    if row is None:
        return None
    await change(tx, row.id, held_until=now + HELD_FOR)
    return of_row(row)


async def change(tx: Transaction, job_id: UUID, **values: Any) -> None:
    """Overwrite columns."""
    await tx.execute(update(import_job).where(import_job.c.id == job_id).values(**values))


async def hold(tx: Transaction, job_id: UUID, until: datetime | None) -> None:
    """Keep others from an import that runs, or no longer."""
    runs = (import_job.c.id == job_id, import_job.c.state == State.RUNNING.value)
    await tx.execute(update(import_job).where(*runs).values(held_until=until))


async def begin(tx: Transaction, job_id: UUID, **how: Any) -> None:
    """Let workers read the file from its start. How a dry run of it went is forgotten."""
    await tx.execute(delete(import_row).where(import_row.c.job_id == job_id))
    from_start = {"rows_done": 0, "totals": {}, "problem": None, "finished_at": None, "held_until": None}
    await change(tx, job_id, state=State.RUNNING.value, **from_start, **how)


async def put_part(tx: Transaction, job: Job, number: int, content: bytes) -> None:
    """A part of the file; sent again, it replaces the one before."""
    values = {"job_id": job.id, "number": number, "city_id": job.city_id, "content": content}
    statement = upsert(import_part).values(**values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["job_id", "number"], set_={"content": statement.excluded.content}
        )
    )


async def extent(connection: AsyncConnection, job_id: UUID) -> tuple[int, int, int]:
    """How many parts there are, the highest number among them, and their bytes."""
    size = func.coalesce(func.sum(func.octet_length(import_part.c.content)), 0)
    found = select(func.count(), func.coalesce(func.max(import_part.c.number), -1), size)
    count, highest, total = (await connection.execute(found.where(import_part.c.job_id == job_id))).one()
    return int(count), int(highest), int(total)


async def write_file(database: Database, job_id: UUID, path: Path) -> None:
    """The parts as one file, one at a time."""
    number = 0
    with path.open("wb") as file:
        while True:
            found = select(import_part.c.content).where(
                import_part.c.job_id == job_id, import_part.c.number == number
            )
            async with database.connection() as connection:
                content = (await connection.execute(found)).scalar_one_or_none()
            if content is None:
                return
            file.write(content)
            number += 1


async def drop_parts(tx: Transaction, job_id: UUID) -> None:
    """The file is of no more use."""
    await tx.execute(delete(import_part).where(import_part.c.job_id == job_id))


# Looked up one by one: while a first import fills the tables, the planner believes them empty and would read
# through all of what is there already, for every step.
_SEEN = text("""
    SELECT wanted.source_id FROM unnest(CAST(:source_ids AS text[])) AS wanted (source_id)
     WHERE EXISTS (
        SELECT FROM import_row r WHERE r.job_id = :job_id AND r.source_id = wanted.source_id OFFSET 0)
""").bindparams(bindparam("source_ids", type_=ARRAY(Text)))


async def seen(tx: Transaction, job_id: UUID, source_ids: Sequence[str]) -> frozenset[str]:
    """Which of these ids earlier rows of the file had."""
    found = await tx.execute(_SEEN, {"job_id": job_id, "source_ids": list(source_ids)})
    return frozenset(found.scalars())


async def listed_after(tx: Transaction, job_id: UUID, after: int, count: int) -> list[tuple[int, UUID]]:
    """Number and merchant of rows behind `after` that listed a new one."""
    of = import_row.c
    found = select(of.number, of.merchant_id).where(
        of.job_id == job_id, of.number > after, of.outcome == "listed", of.merchant_id.is_not(None)
    )
    rows = await tx.execute(found.order_by(of.number).limit(count))
    return [(row.number, row.merchant_id) for row in rows]


async def write_lines(tx: Transaction, job: Job, lines: Sequence[Line], *, dry_run: bool) -> None:
    """The report of some rows."""
    rows = [
        {
            "job_id": job.id,
            "city_id": job.city_id,
            **vars(line),
            "outcome": line.outcome.value,
            "merchant_id": None if dry_run and line.outcome.value == "listed" else line.merchant_id,
            "why": line.why.value if line.why else None,
            "notes": list(line.notes),
        }
        for line in lines
    ]
    await copy_rows(tx, import_row, rows)


async def forget_rows(tx: Transaction, shop: Merchant) -> None:
    """Take the name of a shop out of all reports of its city.

    Of dry runs, of rows that repeat its id, and of those that were left out and have its name alone, too.
    """
    of_its_source = select(import_job.c.id).where(
        import_job.c.city_id == shop.city_id, import_job.c.source == shop.source
    )
    by_its_id = and_(import_row.c.source_id == shop.source_id, import_row.c.job_id.in_(of_its_source))
    names = [name[:MOST_OF_A_NAME] for name in shop.details.called()]
    by_its_name = and_(
        import_row.c.city_id == shop.city_id,
        import_row.c.merchant_id.is_(None),
        func.lower(import_row.c.name).in_([func.lower(name) for name in names]),
    )
    named = or_(import_row.c.merchant_id == shop.id, by_its_id, by_its_name)
    await tx.execute(update(import_row).where(named).values(name=None, detail=None))


def of_row(row: Row[Any]) -> Job:
    """The import in a row of its table."""
    known = row._mapping
    values = {name: known[name] for name in Job.__dataclass_fields__}
    return Job(**{**values, "format": Format(known["format"]), "state": State(known["state"])})
