"""Forgets what is over: requests to sign in, sessions, tries, set-ups, unanswered invitations, files."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from chassis.clock import Clock
from chassis.database import Database
from services.directory.factors import storage as factors
from services.directory.imports.jobs import storage as imports
from services.directory.invitations import storage as invitations
from services.directory.limits import use_cases as limits
from services.directory.sessions import storage as sessions
from services.directory.sign_in import use_cases as sign_in

EVERY_SECONDS = 60.0


class Upkeep:
    """The job that forgets. Safe in any number of processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Once a minute, until `stop`."""
        while not stop.is_set():
            await self.forget(self._clock())
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)

    async def forget(self, now: datetime) -> None:
        """One round."""
        async with self._database.transaction() as tx:
            await sign_in.purge(tx, now)
            await sessions.purge(tx, now)
            await factors.purge(tx, now)
            await limits.purge(tx, now)
            await invitations.purge(tx, now)
            await imports.purge(tx, now)
