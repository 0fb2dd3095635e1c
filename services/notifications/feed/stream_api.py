"""The live stream of a merchant's feed: server-sent events, resumable by `Last-Event-ID`."""

from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from chassis import sse
from chassis.http import Db, Stopping
from chassis.identity import SignedIn
from services.notifications.feed.api import Language, Owned
from services.notifications.feed.live import LiveFeeds, Reader
from services.notifications.feed.reading import last_sequence
from services.notifications.feed.shown import shown

LastEventId = Annotated[int | None, Header(ge=0, le=2**63 - 1, description="Continue after this sequence.")]


def router(live: LiveFeeds) -> APIRouter:
    """The stream, over the open streams of this process."""
    routes = APIRouter(prefix="/api/v1/notifications", tags=["feed"])

    @routes.get("/stream", response_class=StreamingResponse, responses=sse.DOCUMENTED)
    async def stream(
        *,
        merchant: Owned,
        principal: SignedIn,
        language: Language,
        database: Db,
        stopping: Stopping,
        last_event_id: LastEventId = None,
    ) -> StreamingResponse:
        """New notifications as they come: `id` is the sequence, `data` what the feed shows, as JSON.

        Without Last-Event-ID it begins now; with it, after that sequence, and nothing is left out. One that
        was never given (the database was restored to before it) begins now too.
        """
        async with database.connection() as connection:
            last = await last_sequence(connection, merchant)
        opened = AsyncExitStack()
        after = last if last_event_id is None else min(last_event_id, last)
        reader = opened.enter_context(live.reading(principal.person_id, merchant, after))
        headers = {"Content-Language": language, "Vary": "Accept-Language"}
        return sse.streamed(_Notifications(reader, language).next, opened, stopping, headers)

    return routes


class _Notifications:
    def __init__(self, reader: Reader, language: str) -> None:
        self._reader = reader
        self._language = language

    async def next(self, seconds: float) -> bytes | None:
        entry = await self._reader.next(seconds)
        if entry is None:
            return None
        return sse.encoded("notification", shown(entry, self._language), entry.sequence)
