"""Reminds shops and adds up what moved, every hour, until it is told to stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from chassis.clock import utc_now
from chassis.database import Database
from services.assessment.progress.many import add_up
from services.assessment.progress.reminders import AT_ONCE, remind
from services.assessment.questionnaires.catalogue import Catalogue

EVERY_SECONDS = 3_600.0


class Progress:
    """The job. Safe in any number of processes."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            while await remind(self._database, utc_now()) == AT_ONCE and not stop.is_set():
                pass
            await add_up(self._database, self._catalogue)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
