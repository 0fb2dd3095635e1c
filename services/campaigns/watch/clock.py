"""Looks at sources as they become due. Any number of processes may; each source has one looker at a time."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update

from chassis.clock import Clock
from chassis.database import Database
from chassis.fetching import Limits, NotFetched, Outside
from services.campaigns.leases import log_unforeseen, still_held, take
from services.campaigns.watch.domain import Look, Trouble, next_look
from services.campaigns.watch.keeping import drop, keep
from services.campaigns.watch.reading import look_at
from services.campaigns.watch.robots import may_read
from services.campaigns.watch.tables import watched_item, watched_source

RECHECKED = 3
"""So many of the things that a source's newest page shows no more are asked for at each look."""
_PAGE = Limits(seconds=5.0, size=2_000_000)

log = structlog.get_logger(__name__)


class Watch:
    """Looks at the sources of all cities."""

    def __init__(
        self,
        database: Database,
        outside: Outside,
        clock: Clock,
        *,
        pages: Outside,
        public_url: str,
        mangrove_api: str,
    ) -> None:
        """`outside` for what officers chose; `pages`, of the internet alone, for what sources lead to."""
        self._database = database
        self._outside = outside
        self._pages = pages
        self._clock = clock
        self._public_url = public_url
        self._mangrove_api = mangrove_api

    async def look_once(self, now: datetime) -> bool:
        """Look at the source that is due the longest; whether there was one."""
        source = await take(self._database, watched_source, now)
        if source is None:
            return False
        try:
            look = await look_at(self._database, self._outside, source, self._mangrove_api)
            await self._note(source, look, await self._deleted(source))
        except Trouble as trouble:
            await self._note_trouble(source, trouble)
        except Exception as error:
            log_unforeseen(error, "open sources", source)
            await self._note_trouble(source, Trouble("it holds something that cannot be kept"))
        return True

    async def _note(self, source: dict[str, Any], look: Look | None, gone: list[str]) -> None:
        now = self._clock()
        seen: dict[str, Any] = {"looked_at": now, "trouble": None, "failures": 0, "due_at": _next(now, 0)}
        if look is not None:
            seen |= {"etag": look.etag, "last_modified": look.last_modified}
        async with self._database.transaction() as tx:
            if not await still_held(tx, watched_source, source):
                return  # removed meanwhile, or looked at by another
            if gone:
                await drop(tx, source["id"], gone, now)
            new = await keep(tx, source, look, self._public_url, now) if look else 0
            await tx.execute(update(watched_source).where(watched_source.c.id == source["id"]).values(seen))
        if new:
            log.info("seen elsewhere", kind=source["kind"], city_id=str(source["city_id"]), new=new)

    async def _note_trouble(self, source: dict[str, Any], trouble: Trouble) -> None:
        now = self._clock()
        failures = source["failures"] + 1
        seen = {
            "looked_at": now,
            "trouble": str(trouble)[:300],
            "failures": failures,
            "due_at": _next(now, failures, trouble.retry_after),
        }
        async with self._database.transaction() as tx:
            if await still_held(tx, watched_source, source):
                await tx.execute(
                    update(watched_source).where(watched_source.c.id == source["id"]).values(seen)
                )

    async def _deleted(self, source: dict[str, Any]) -> list[str]:
        """Of the things that were not looked at for the longest, those whose page is gone."""
        query = (
            select(watched_item.c.url)
            .where(watched_item.c.source_id == source["id"])
            .where(watched_item.c.checked_at < self._clock() - timedelta(days=1))
            .order_by(watched_item.c.checked_at)
            .limit(RECHECKED)
        )
        async with self._database.connection() as connection:
            urls = list((await connection.scalars(query)).all())
        gone = [url for url in urls if await self._is_gone(url)]
        async with self._database.transaction() as tx:
            mine = (watched_item.c.source_id == source["id"]) & watched_item.c.url.in_(urls)
            await tx.execute(update(watched_item).where(mine).values(checked_at=self._clock()))
        return gone

    async def _is_gone(self, url: str) -> bool:
        """Whether its site says so; one that does not answer says nothing."""
        if not await may_read(self._pages, url):
            return False
        try:
            return (await self._pages.get(url, limits=_PAGE)).status in (404, 410)
        except NotFetched:
            return False


def _next(now: datetime, failures: int, retry_after: timedelta | None = None) -> datetime:
    return next_look(now, failures, random.random(), retry_after=retry_after)  # noqa: S311  it only spreads
