"""The job that looks, now and then, for what no single event says: a rise of a week, a step nobody named."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, datetime

import structlog

from chassis.clock import Clock
from chassis.database import Database, is_infrastructure_error
from services.notifications.advice.next_step import tell_next_steps
from services.notifications.growth.domain import monday_of
from services.notifications.growth.rises import tell_rises
from services.notifications.people.answered import LOCAL, ask_for_answers

POLL_SECONDS = 300.0

log = structlog.get_logger(__name__)


class Looks:
    """Safe in any number of processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._asked: date | None = None
        """The week for which shops were asked to answer: this process does not look again."""

    async def run(self, stop: asyncio.Event) -> None:
        """Every few minutes, until `stop`."""
        while not stop.is_set():
            try:
                await tell_rises(self._database, self._clock())
                await tell_next_steps(self._database, self._clock())
                await self._ask_for_answers(self._clock())
            except Exception as error:
                if not is_infrastructure_error(error):
                    raise
                log.warning("looks wait for the database", error=type(error).__name__)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)

    async def _ask_for_answers(self, now: datetime) -> None:
        week = monday_of(now.astimezone(LOCAL).date())
        if self._asked != week:
            await ask_for_answers(self._database, now)
            self._asked = week
