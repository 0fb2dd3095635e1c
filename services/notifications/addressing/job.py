"""The job that finds the readers of news and tells them, each once for ever, however often it is tried."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

import structlog

from chassis.as_service import Unreachable
from chassis.clock import Clock
from chassis.database import Database, is_infrastructure_error
from services.notifications.addressing.unaddressed import ROLES, Addressee, Unaddressed, oldest, take
from services.notifications.addressing.who import Who, Whom
from services.notifications.feed.notify import Notice, notify
from services.notifications.recipients import to_person

POLL_SECONDS = 1.0
AWAY_SECONDS = 10.0
"""Between two tries while a neighbour is away."""
AT_ONCE = 200

LookUp = Callable[[Iterable[Whom]], Awaitable[Mapping[Whom, list[UUID]]]]
log = structlog.get_logger(__name__)


class Addressing:
    """Safe in any number of processes: what one has taken, no other tells."""

    def __init__(self, database: Database, who: Who, clock: Clock) -> None:
        self._database = database
        self._who = who
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. May be run again after it died."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._repeat([Addressee.contributor], self._who.contributors, stop))
            tasks.create_task(self._repeat(ROLES, self._who.holders, stop))

    async def _repeat(self, of: Sequence[Addressee], look_up: LookUp, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = POLL_SECONDS
            try:
                if await self.tell_some(of, look_up):
                    continue
            except Unreachable as error:
                pause = AWAY_SECONDS
                log.warning("news wait to be addressed", to=of, error=str(error))
            except Exception as error:
                if not is_infrastructure_error(error):
                    raise
                log.warning("addressing waits for the database", error=type(error).__name__)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def tell_all(self) -> None:
        """What waits now, in this call. Raises Unreachable."""
        while await self.tell_some([Addressee.contributor], self._who.contributors):
            pass
        while await self.tell_some(ROLES, self._who.holders):
            pass

    async def tell_some(self, of: Sequence[Addressee], look_up: LookUp) -> int:
        """The oldest news to those; who is nobody any more is told nothing. How many were taken up."""
        async with self._database.connection() as connection:
            waiting = await oldest(connection, of, AT_ONCE)
        if not waiting:
            return 0
        people = await look_up({(each.addressee, each.addressee_id) for each in waiting})
        async with self._database.transaction() as tx:
            taken = await take(tx, waiting)
            await notify(tx, [notice for each in taken for notice in _notices(each, people)])
        return len(waiting)


def _notices(news: Unaddressed, people: Mapping[Whom, list[UUID]]) -> list[Notice]:
    whom = (news.addressee, news.addressee_id)
    what = (news.kind, news.reason, news.data, news.caused_at, news.traceparent)
    return [Notice(news.city_id, to_person(person), *what) for person in people.get(whom, ())]
