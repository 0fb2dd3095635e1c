"""Notes what became of messages: those that end at the same time in one transaction.

One transaction at a time, of what ended meanwhile: with one provider a commit is waited for by few, and under
load it costs each a part of itself. A message is answered for as long as it is not noted, so that no more are
taken on than a channel sends side by side: only these can be doubled by a crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog

from chassis.clock import Clock
from chassis.crash_points import AFTER_SEND, reached
from chassis.database import Database, Transaction, is_infrastructure_error
from services.notifications.delivery.facts import tell
from services.notifications.delivery.queue import LEASE, Ended, settle_all

RETRY_NOTE_SECONDS = 0.5
Tell = Callable[[Transaction, Sequence[Ended]], Awaitable[None]]

log = structlog.get_logger(__name__)


class Settling:
    """Of one dispatch."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[tuple[Ended, asyncio.Future[None]]] = []
        self._working: asyncio.Task[None] | None = None

    async def note(self, ended: Ended) -> None:
        """Return once it is noted. A database that is away is waited for, a lease long."""
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ended, noted))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), name="settling")
        await noted

    async def _work(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            try:
                await self._noted([ended for ended, _ in taken])
            except Exception as error:  # each of those who wait for it hears of it
                for _, noted in taken:
                    if not noted.done():
                        noted.set_exception(error)
            else:
                for _, noted in taken:
                    if not noted.done():
                        noted.set_result(None)

    async def _noted(self, ended: Sequence[Ended]) -> None:
        """Together; where one of them makes that fail, each by itself, and that one without its event.

        Not to note it would send its mail again whenever its lease ends. `republish` tells what was not told.
        """
        reached(AFTER_SEND)
        try:
            noted = await self._stored(ended, tell)
        except Exception as error:
            if is_infrastructure_error(error):
                raise
            if len(ended) > 1:
                for each in ended:
                    await self._noted([each])
                return
            log.exception("not told", delivery_id=str(ended[0].due.id))
            noted = await self._stored(ended, None)
        for each in ended:
            if each.due.id not in noted:
                log.warning("delivery was settled by somebody else", delivery_id=str(each.due.id))

    async def _stored(self, ended: Sequence[Ended], tell_of: Tell | None) -> set[UUID]:
        while True:
            try:
                async with self._database.transaction() as tx:
                    noted = await settle_all(tx, ended)
                    if tell_of is not None:
                        await tell_of(tx, [each for each in ended if each.due.id in noted])
                return noted
            except Exception as error:
                if not is_infrastructure_error(error) or self._clock() > ended[0].at + LEASE:
                    raise
            await asyncio.sleep(RETRY_NOTE_SECONDS)
