"""Does imports, a thousand rows at a time: each step is one transaction with its place in the file.

A worker that is killed loses at most the step it was at; whoever goes on reads the file again from its start
and passes over the rows that are done, so that the result is the one of an import nobody disturbed.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import select

from chassis.clock import Clock
from chassis.database import Database, Transaction, is_infrastructure_error
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import storage as cities
from services.directory.doubts.finding import MERCHANTS_AT_ONCE, find_closures, find_duplicates
from services.directory.imports.given import Given, Row
from services.directory.imports.jobs import storage
from services.directory.imports.jobs.domain import HELD_FOR, ROWS_AT_ONCE, Job, State
from services.directory.imports.jobs.opening import Unreadable, rows_in
from services.directory.imports.jobs.plan import Ground, Steps, plan
from services.directory.imports.placing import Gazetteer, KnownAddress
from services.directory.merchants import objections
from services.directory.merchants import storage as merchants
from services.directory.merchants.domain import Change
from services.directory.merchants.tables import merchant

LOOKS_EVERY_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """Somebody else went on with this import."""


class Imports:
    """The job of a worker: does what is waiting, one import after the other."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; an import that is under way then is held for a moment, and gone on with later."""
        while not stop.is_set():
            async with self._database.transaction() as tx:
                job = await storage.claim(tx, self._clock())
            if job is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOKS_EVERY_SECONDS)
            else:
                await self.go_on(job, stop)

    async def go_on(self, job: Job, stop: asyncio.Event) -> None:
        """From where the import stands to its end, or until `stop`."""
        log.info("importing", job_id=str(job.id), city_id=str(job.city_id), rows_done=job.rows_done)
        try:
            async with self._held(job):
                problem = await self._rows_of_file(job, stop)
            if problem is not None:
                await self._end(job, State.FAILED, problem)
            elif stop.is_set():
                await self._let_go(job)
        except Overtaken:
            log.info("another worker goes on", job_id=str(job.id))

    @asynccontextmanager
    async def _held(self, job: Job) -> AsyncIterator[None]:
        """Nobody takes the import over meanwhile: before a first step, a country's register takes minutes."""
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(job, done))
        try:
            yield
        finally:
            done.set()
            await renewing

    async def _renew(self, job: Job, done: asyncio.Event) -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), HELD_FOR.total_seconds() / 3)
                return
            try:
                async with self._database.transaction() as tx:
                    await storage.hold(tx, job.id, self._clock() + HELD_FOR)
            except Exception as error:
                if not is_infrastructure_error(error):
                    raise
                log.warning("an import could not be held", job_id=str(job.id))  # tried again in a moment

    async def _let_go(self, job: Job) -> None:
        async with self._database.transaction() as tx:
            await storage.hold(tx, job.id, None)

    async def _rows_of_file(self, job: Job, stop: asyncio.Event) -> str | None:
        """What is left of the file; why it cannot be done to its end, or None. Raises Overtaken."""
        with tempfile.TemporaryDirectory(prefix="cococity-import-") as folder:
            path = Path(folder) / "file"
            await storage.write_file(self._database, job.id, path)
            try:
                rows = await asyncio.to_thread(rows_in, path, job)
                await asyncio.to_thread(_pass_over, rows, job.rows_done)
                await self._steps(job, rows, stop)
            except Unreadable as problem:
                return str(problem)
            except Overtaken:
                raise
            except Exception as error:
                if is_infrastructure_error(error):
                    raise  # gone on with later
                # One import that cannot be done must not keep all others from their turn.
                log.exception("an import failed", job_id=str(job.id))
                return f"It failed for a reason of ours ({type(error).__name__})."
        return None

    async def _steps(self, job: Job, rows: Iterator[Row], stop: asyncio.Event) -> None:
        gazetteer = await self._gazetteer(job)
        done = job.rows_done
        async with aclosing(_read_ahead(rows)) as read:
            async for some in read:
                if stop.is_set():
                    break
                await self._step(job, done, some, gazetteer)
                done += len(some)
            else:
                await self._end(job, State.DONE, None)

    async def _step(self, job: Job, done: int, rows: list[Row], gazetteer: Gazetteer) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            held = await _still_at(tx, job)
            if held.rows_done != done:
                raise Overtaken
            await cities.lock(tx, job.city_id)  # imports of one city follow one another
            ground = await _ground(tx, job, rows, gazetteer, now.date())
            steps = await asyncio.to_thread(plan, rows, ground)
            if not job.dry_run:
                await _store(tx, steps, now)
            await storage.write_lines(tx, job, steps.lines, dry_run=job.dry_run)
            counted = Counter(held.totals) + Counter(line.outcome.value for line in steps.lines)
            await storage.change(
                tx, job.id, rows_done=done + len(rows), totals=dict(counted), held_until=now + HELD_FOR
            )

    async def _end(self, job: Job, state: State, problem: str | None) -> None:
        now = self._clock()
        if not job.dry_run:
            await self._look_for_duplicates(job)
        async with self._database.transaction() as tx:
            held = await _still_at(tx, job)
            # A file that broke off, or of which no row was usable, says nothing of what it does not have.
            if state is State.DONE and job.is_complete and not job.dry_run and _has_merchants(held):
                await find_closures(tx, job.city_id, job.source, job.id, now, postcodes=job.postcodes)
            if not (job.dry_run and state is State.DONE):  # that one may be started for real
                await storage.drop_parts(tx, job.id)
            await storage.change(
                tx, job.id, state=state.value, problem=problem, finished_at=now, held_until=None
            )
            if not job.dry_run:
                await _note_in_audit(tx, held, now)
        log.info("import ended", job_id=str(job.id), state=state.value, rows_done=held.rows_done)

    async def _look_for_duplicates(self, job: Job) -> None:
        """Among what it listed, some at a time; cut off and done again, the same are found once."""
        after = 0
        while True:
            async with self._database.transaction() as tx:
                some = await storage.listed_after(tx, job.id, after, MERCHANTS_AT_ONCE)
                if not some:
                    return
                await find_duplicates(
                    tx, job.city_id, job.source, [merchant_id for _, merchant_id in some], self._clock()
                )
                await storage.change(tx, job.id, held_until=self._clock() + HELD_FOR)
            after = some[-1][0]

    async def _gazetteer(self, job: Job) -> Gazetteer:
        """From merchants of other sources alone: what this file lists must not move what comes after it."""
        found = select(
            merchant.c.street, merchant.c.house_number, merchant.c.longitude, merchant.c.latitude
        ).where(
            merchant.c.city_id == job.city_id, merchant.c.source != job.source, merchant.c.street.is_not(None)
        )
        async with self._database.connection() as connection:
            rows = (await connection.execute(found)).all()
        known = [KnownAddress(row.street, row.house_number, (row.longitude, row.latitude)) for row in rows]
        place = job.options.get("place")
        return Gazetteer.of(known, (place[0], place[1]) if place else None)


async def _still_at(tx: Transaction, job: Job) -> Job:
    """The import as it is by now, locked. Raises Overtaken where it ended, or was started anew for real."""
    held = await storage.lock(tx, job.id)
    if held is None or held.state is not State.RUNNING or held.dry_run != job.dry_run:
        raise Overtaken
    return held


def _has_merchants(job: Job) -> bool:
    return any(count for outcome, count in job.totals.items() if outcome != "left_out")


async def _read_ahead(rows: Iterator[Row]) -> AsyncGenerator[list[Row], None]:
    """Some rows at a time; the next are read while the database is at those before."""

    def some() -> list[Row]:
        return list(islice(rows, ROWS_AT_ONCE))

    ahead = asyncio.create_task(asyncio.to_thread(some))
    try:
        while read := await ahead:
            ahead = asyncio.create_task(asyncio.to_thread(some))
            yield read
    finally:
        await asyncio.wait([ahead])  # it reads from files that are about to go


def _pass_over(rows: Iterator[Row], count: int) -> None:
    next(islice(rows, count, count), None)


async def _ground(tx: Transaction, job: Job, rows: list[Row], gazetteer: Gazetteer, today: date) -> Ground:
    ids = sorted({row.source_id for row in rows if row.source_id is not None})
    known = await merchants.lock_of_source(tx, job.city_id, job.source, ids)
    return Ground(
        city_id=job.city_id,
        source=job.source,
        known={each.source_id: each for each in known},
        seen=await storage.seen(tx, job.id, [row.source_id for row in rows if isinstance(row, Given)]),
        districts=await cities.districts(tx, job.city_id),
        gazetteer=gazetteer,
        today=today,
        objections=await objections.of_city(tx, job.city_id),
    )


async def _store(tx: Transaction, steps: Steps, at: datetime) -> None:
    await merchants.store(tx, Change.LISTED, steps.listed, at)
    await merchants.store(tx, Change.UPDATED, steps.updated, at)
    await merchants.remember_source(tx, steps.source_only)
    await merchants.confirm(tx, steps.confirmed, at.date())


async def _note_in_audit(tx: Transaction, job: Job, at: datetime) -> None:
    by: UUID = job.created_by
    await audit.record(
        tx, Action.MERCHANTS_IMPORTED, job.city_id, by=by, city_id=job.city_id, at=at, details=job.totals
    )
