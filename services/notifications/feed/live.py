"""Tells connected readers of new notifications: one query per tick and process, however many read.

PostgreSQL is asked, not the bus: what a reader gets is what is committed, in the order of its sequence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from uuid import UUID

import structlog

from chassis.database import Database
from chassis.sse import OpenStreams
from services.notifications.feed.reading import Entry, Position, later
from services.notifications.recipients import Recipient

TICK_SECONDS = 0.2
AT_ONCE = 50
"""Notifications handed to a reader per tick; one who does not take them gets no more until they did."""

log = structlog.get_logger(__name__)


class OpenStream:
    """One open stream."""

    def __init__(self, recipient: Recipient, after: int) -> None:
        self.recipient = recipient
        self.after = after
        self.waiting: asyncio.Queue[Entry] = asyncio.Queue()

    async def next(self, seconds: float) -> Entry | None:
        """The next notification, or None where none comes within `seconds`."""
        with suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(self.waiting.get(), seconds)
        return None


class LiveFeeds:
    """All open streams of this process. Polls while there are any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readers: dict[int, OpenStream] = {}
        self._open = OpenStreams()
        self._numbers = count(1)
        self._polling: asyncio.Task[None] | None = None

    @contextmanager
    def reading(self, person: UUID, recipient: Recipient, after: int) -> Iterator[OpenStream]:
        """A reader of what comes after that sequence. Raises Problem (429) where too many are open."""
        with self._open.one_more(person):
            number = next(self._numbers)
            reader = self._readers[number] = OpenStream(recipient, after)
            if self._polling is None or self._polling.done():
                self._polling = asyncio.create_task(self._poll(), name="live feeds")
            try:
                yield reader
            finally:
                del self._readers[number]

    async def _poll(self) -> None:
        while self._readers:
            try:
                await self._look()
            except Exception as error:  # the database is away: readers keep their place
                log.warning("live feeds wait", error=type(error).__name__)
            await asyncio.sleep(TICK_SECONDS)

    async def _look(self) -> None:
        places = [
            Position(number, reader.recipient, reader.after)
            for number, reader in self._readers.items()
            if reader.waiting.empty()
        ]
        if not places:
            return
        async with self._database.connection() as connection:
            found = await later(connection, places, AT_ONCE)
        for number, entry in found:
            reader = self._readers.get(number)
            if reader is not None:
                reader.after = entry.sequence
                reader.waiting.put_nowait(entry)

    async def close(self) -> None:
        """Stop polling."""
        if self._polling is not None:
            self._polling.cancel()
            with suppress(asyncio.CancelledError):
                await self._polling
