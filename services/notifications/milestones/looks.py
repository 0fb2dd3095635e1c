"""The job that looks, now and then, for what no single event says: a rise of a week, a step nobody named."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from chassis.clock import Clock
from chassis.database import Database, is_infrastructure_error
from services.notifications.advice.next_step import tell_next_steps
from services.notifications.growth.rises import tell_rises

POLL_SECONDS = 300.0

log = structlog.get_logger(__name__)


class Looks:
    """Safe in any number of processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Every few minutes, until `stop`."""
        while not stop.is_set():
            try:
                await tell_rises(self._database, self._clock())
                await tell_next_steps(self._database, self._clock())
            except Exception as error:
                if not is_infrastructure_error(error):
                    raise
                log.warning("looks wait for the database", error=type(error).__name__)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)
