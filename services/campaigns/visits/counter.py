"""Counts visits in memory and writes them down about once a second: whoever visits waits for nothing.

A process that is killed loses that second. While the database is away, what was counted stays in memory and
is written later; it takes 3 kB for each link and day, however many visit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

import structlog

from chassis.clock import Clock
from chassis.database import Database, is_infrastructure_error
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.visits import sketch, storage
from services.campaigns.visits.domain import Subject, fingerprint
from services.campaigns.visits.storage import Counted

FLUSH_SECONDS = 1.0
LONGEST_WAIT = 10.0
MOST_SUBJECTS = 10_000
"""Things of which visits wait at once: 30 MB. Those of further ones are lost."""
MOST_WAITING = 10_000
"""Visitors who wait for the salt of their day to be read, in the first second of a process."""
BATCH = 1_000
_SOON = timedelta(hours=1)

log = structlog.get_logger(__name__)

Key = tuple[UUID, date]


class VisitCounter:
    """The visits that one process sees."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending: dict[Key, Counted] = {}
        self._waiting: list[tuple[Key, str]] = []
        self._salts: dict[date, bytes] = {}
        self._lost = 0
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def count(self, subject: Subject, visitor: str) -> None:
        """One visit by `visitor` (network and browser), who is forgotten at once. Never waits or raises."""
        day = brussels_day(self._clock())
        key = subject.id, day
        counted = self._pending.get(key)
        if counted is None:
            if len(self._pending) >= MOST_SUBJECTS:
                self._lost += 1
                return
            counted = self._pending[key] = Counted(subject, day)
        counted.visits += 1
        if salt := self._salts.get(day):
            counted.visitors.update(fingerprint(salt, subject.id, visitor))
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append((key, visitor))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_down(), name="visits")

    async def close(self) -> None:
        """Write down what is left."""
        self._closing.set()
        if self._writing is not None:
            await self._writing

    async def flush(self) -> None:
        """Write down what was counted. Raises what the database raises, and keeps it then."""
        batch, self._pending = self._pending, {}
        waiting, self._waiting = self._waiting, []
        try:
            await self._know_salts({day for _, day in batch})
            for key, visitor in waiting:
                if key in batch:
                    counted = batch[key]
                    salt = self._salts[counted.day]
                    counted.visitors.update(fingerprint(salt, counted.subject.id, visitor))
            await self._store(batch)
        finally:
            self._take_back(batch)

    async def _store(self, batch: dict[Key, Counted]) -> None:
        """In portions; what is stored leaves the batch."""
        while batch:
            keys = sorted(batch)[:BATCH]
            async with self._database.transaction() as tx:
                await storage.add(tx, [batch[key] for key in keys])
            for key in keys:
                del batch[key]

    def _take_back(self, batch: dict[Key, Counted]) -> None:
        for key, counted in batch.items():
            if newer := self._pending.get(key):
                newer.visits += counted.visits
                newer.visitors = sketch.merged(newer.visitors, counted.visitors)
            elif len(self._pending) < MOST_SUBJECTS:
                self._pending[key] = counted
            else:
                self._lost += counted.visits

    async def _know_salts(self, days: Collection[date]) -> None:
        """Those of `days`, and of the next one before it begins."""
        now = self._clock()
        wanted = {*days, brussels_day(now), brussels_day(now + _SOON)}
        if missing := wanted - self._salts.keys():
            async with self._database.transaction() as tx:
                found = await storage.salts(tx, missing)
            self._salts = {day: salt for day, salt in (self._salts | found).items() if day in wanted}

    async def _write_down(self) -> None:
        wait = FLUSH_SECONDS
        while self._pending:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._closing.wait(), wait)
            wait = FLUSH_SECONDS if await self._try_to_flush() else min(wait * 2, LONGEST_WAIT)
            if self._closing.is_set():
                return

    async def _try_to_flush(self) -> bool:
        try:
            await self.flush()
        except Exception as error:
            if not is_infrastructure_error(error):
                log.exception("visits could not be written down", subjects=len(self._pending))
                return False
            log.warning("visits wait for the database", subjects=len(self._pending), lost=self._lost)
            return False
        return True
