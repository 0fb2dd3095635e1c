"""Imports of large files over HTTP: announced, sent part by part, started, watched."""

import asyncio
import tempfile
from itertools import islice
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import belgica
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from sqlalchemy import select

from chassis.access import Access, may
from chassis.database import Database, Transaction
from chassis.http import Db, Listing, Now
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.ids import new_id
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import conflict, invalid, not_found
from services.directory.cities import storage as cities
from services.directory.imports.jobs import storage
from services.directory.imports.jobs.domain import MOST_BYTES, PART_BYTES, Format, Job, State
from services.directory.imports.jobs.forms import (
    ImportShown,
    LineOfJob,
    NewImport,
    Proposal,
    StartImport,
    job_shown,
)
from services.directory.imports.jobs.tables import import_job, import_row
from services.directory.imports.plan import Outcome
from services.directory.imports.sheets.columns import FIELDS, problem_of, proposed
from services.directory.imports.sheets.reading import Form, NoSheet, form_of, rows_of

router = APIRouter(prefix="/api/v1", tags=["imports"])

OfTheCity = Annotated[Access, may(Role.city_officer, Role.operator)]
SAMPLE_ROWS, SAMPLE_CELL = 5, 80
_BYTES = {
    "requestBody": {
        "required": True,
        "description": "The bytes of this part, up to 8 MiB.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/cities/{city_id}/import-jobs", status_code=201, response_model=ImportShown)
async def announce_import(
    city_id: UUID, asked: NewImport, who: OfTheCity, now: Now, attempt: Attempt
) -> Response:
    """A file will be sent (the city's officers, operator)."""
    who.within(city_id=city_id)

    async def work(tx: Transaction) -> Answer:
        if await cities.city_by_id(tx, city_id) is None:
            raise not_found("city")
        job = Job(
            id=new_id(), city_id=city_id, format=asked.format, source=f"{asked.format}:{asked.source}",
            state=State.RECEIVING, dry_run=False, is_complete=False, options={}, created_by=who.person_id,
            created_at=now(), finished_at=None, rows_done=0, totals={}, problem=None,
        )  # fmt: skip
        await storage.add(tx, job)
        location = {"Location": f"/api/v1/imports/{job.id}"}
        return Answer(201, job_shown(job).model_dump(mode="json"), location)

    return await attempt.once(work)


@router.get("/cities/{city_id}/import-jobs", response_model=Listing[ImportShown])
async def list_imports(
    *, city_id: UUID, request: Request, response: Response, who: OfTheCity, db: Db, paging: Paging
) -> dict[str, Any]:
    """The city's imports, the newest first."""
    who.within(city_id=city_id)
    wanted = select(import_job).where(import_job.c.city_id == city_id).order_by(import_job.c.id.desc())
    if (last := paging.after(UUID)) is not None:
        wanted = wanted.where(import_job.c.id < last)
    async with db.connection() as connection:
        rows = (await connection.execute(wanted.limit(paging.limit + 1))).all()
    found = [job_shown(storage.of_row(row)) for row in rows]
    return page(request, response, found, paging.limit, lambda job: job.id)


@router.put(
    "/imports/{job_id}/parts/{number}",
    status_code=204,
    openapi_extra=_BYTES,
    max_body_size=PART_BYTES,
    responses=problems(409),
)
async def send_part(
    job_id: UUID,
    number: Annotated[int, InPath(ge=0, le=MOST_BYTES // PART_BYTES * 8)],
    request: Request,
    who: OfTheCity,
    db: Db,
) -> Response:
    """A part of the file, numbered from 0; sent again, it replaces the one before."""
    content = await request.body()
    if not content:
        raise invalid("body", "a part has bytes")
    async with db.transaction() as tx:
        job = await _receiving(tx, job_id, who)
        await storage.put_part(tx, job, number, content)
        _, _, total = await storage.extent(tx, job_id)
        if total > MOST_BYTES:
            raise invalid("body", f"the file has more than {MOST_BYTES >> 20} MiB")
    return Response(status_code=204)


@router.get("/imports/{job_id}/proposal", response_model=Proposal, responses=problems(409))
async def propose_reading(job_id: UUID, who: OfTheCity, db: Db) -> Proposal:
    """How the sheet that was sent would be read: correct the columns when you start the import."""
    async with db.connection() as connection:
        job = await storage.job_by_id(connection, job_id)
    job = _of_caller(job, who)
    if job.format is not Format.CSV or job.state is not State.RECEIVING:
        raise conflict("no-proposal", "Only a sheet that was sent and not started yet is looked into.")
    form, sample = await _look_into(db, job)
    return Proposal(
        encoding=form.encoding,
        delimiter=form.delimiter,
        headings=[heading[:SAMPLE_CELL] for heading in form.headings],
        fields=list(FIELDS),
        mapping=proposed(form.headings),
        sample=sample,
    )


@router.post("/imports/{job_id}/start", status_code=202, response_model=ImportShown, responses=problems(409))
async def start_import(job_id: UUID, asked: StartImport, who: OfTheCity, db: Db) -> ImportShown:
    """All parts are there: read them. Started twice, it runs once; a dry run is started anew for real.

    What is not said of how to read it is as in the dry run. A dry run's file is kept for a day; later, or
    where it could not be read, it is announced again (409).
    """
    async with db.connection() as connection:
        job = _of_caller(await storage.job_by_id(connection, job_id), who)
        count, highest, _ = await storage.extent(connection, job_id)
        city = await cities.city_by_id(connection, job.city_id)
    assert city is not None, "cities are not deleted"
    if not _begins(job, asked):
        return job_shown(job)
    _require_whole(job, count, highest)
    if job.format is Format.CSV:
        await _check_mapping(db, job, asked)
    options = _options(job, asked, city["nis_code"])
    is_said = not job.dry_run or "is_complete" in asked.model_fields_set
    async with db.transaction() as tx:
        held = await storage.lock(tx, job_id)
        assert held is not None, "imports are not deleted"
        if _begins(held, asked):
            how = {"is_complete": asked.is_complete} if is_said else {}
            await storage.begin(tx, job_id, dry_run=asked.dry_run, options=options, **how)
        started = await storage.job_by_id(tx, job_id)
    assert started is not None
    return job_shown(started)


@router.get("/imports/{job_id}", response_model=ImportShown)
async def show_import(job_id: UUID, who: OfTheCity, db: Db) -> ImportShown:
    """How far it is."""
    async with db.connection() as connection:
        return job_shown(_of_caller(await storage.job_by_id(connection, job_id), who))


@router.get("/imports/{job_id}/rows", response_model=Listing[LineOfJob])
async def list_rows(
    *,
    job_id: UUID,
    request: Request,
    response: Response,
    who: OfTheCity,
    db: Db,
    paging: Paging,
    outcome: Annotated[Outcome | None, Query(description="Only rows of which this became.")] = None,
) -> dict[str, Any]:
    """The report, row by row."""
    wanted = select(import_row).where(import_row.c.job_id == job_id).order_by(import_row.c.number)
    if outcome is not None:
        wanted = wanted.where(import_row.c.outcome == outcome.value)
    if (after := paging.after(int)) is not None:
        wanted = wanted.where(import_row.c.number > min(after, 2**31 - 1))
    async with db.connection() as connection:
        _of_caller(await storage.job_by_id(connection, job_id), who)
        rows = (await connection.execute(wanted.limit(paging.limit + 1))).all()
    fields = LineOfJob.model_fields
    items = [LineOfJob(**{name: row._mapping[name] for name in fields}) for row in rows]
    return page(request, response, items, paging.limit, lambda line: line.number)


def _begins(job: Job, asked: StartImport) -> bool:
    """Whether it is read now; False where it was started so before. Raises 409 where it cannot be again."""
    if job.state is State.FAILED:
        raise conflict("import-failed", "This file could not be read to its end: announce it again.")
    for_real = job.dry_run and not asked.dry_run
    if for_real and job.state is State.RUNNING:
        raise conflict("dry-run-under-way", "A dry run of it is under way: wait until it is done.")
    return job.state is State.RECEIVING or for_real


def _require_whole(job: Job, count: int, highest: int) -> None:
    if job.state is State.DONE and count == 0:
        raise conflict("file-gone", "The file of this dry run is not kept any more; announce it again.")
    if count == 0 or count != highest + 1:
        raise conflict("parts-missing", f"There are {count} parts, and the last is number {highest}.")


async def _check_mapping(db: Database, job: Job, asked: StartImport) -> None:
    form, _ = await _look_into(db, job)
    mapping = asked.mapping or job.options.get("mapping") or proposed(form.headings)
    if problem := problem_of(mapping, len(form.headings)):
        raise invalid("mapping", problem)


def _options(job: Job, asked: StartImport, nis_code: str) -> dict[str, Any]:
    names = {"mapping", "kind", "postcodes", "language"}
    said = asked.model_dump(include=names, exclude_none=True, exclude_unset=job.dry_run)
    options = (job.options if job.dry_run else {}) | said
    if asked.place is not None:
        options["place"] = [asked.place.longitude, asked.place.latitude]
    options.setdefault(
        "postcodes", sorted({each["postalCode"] for each in belgica.get_postal_codes(nis_code)})
    )
    return options


def _of_caller(job: Job | None, who: Access) -> Job:
    if job is None:
        raise not_found("import")
    who.within(city_id=job.city_id)
    return job


async def _receiving(tx: Transaction, job_id: UUID, who: Access) -> Job:
    job = _of_caller(await storage.lock(tx, job_id), who)
    if job.state is not State.RECEIVING:
        raise conflict("already-started", "This import was started; announce another one.")
    return job


async def _look_into(db: Database, job: Job) -> tuple[Form, list[list[str]]]:
    with tempfile.TemporaryDirectory(prefix="cococity-import-") as folder:
        path = Path(folder) / "file"
        await storage.write_file(db, job.id, path)
        try:
            return await asyncio.to_thread(_form_and_sample, path)
        except NoSheet as problem:
            raise invalid("body", f"cannot be read as CSV: it {problem}") from problem


def _form_and_sample(path: Path) -> tuple[Form, list[list[str]]]:
    form = form_of(path)
    first = islice(rows_of(path, form), SAMPLE_ROWS)
    return form, [[cell[:SAMPLE_CELL] for cell in row[: len(form.headings)]] for row in first]
