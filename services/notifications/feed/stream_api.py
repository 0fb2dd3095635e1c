"""The live stream of a feed: server-sent events, resumable by `Last-Event-ID`."""

from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import StreamingResponse

from chassis import sse
from chassis.http import Db, Stopping
from chassis.identity import SignedIn
from services.notifications.feed.api import AcceptLanguage, Reader, language_for, of_merchant, of_person
from services.notifications.feed.live import LiveFeeds, OpenStream
from services.notifications.feed.reading import last_sequence
from services.notifications.feed.shown import shown

LastEventId = Annotated[int | None, Header(ge=0, le=2**63 - 1, description="Continue after this sequence.")]


def router(live: LiveFeeds) -> APIRouter:
    """The streams of merchants' feeds and of people's own, over the open streams of this process."""
    routes = APIRouter(tags=["feed"])
    _stream_at(routes, "/api/v1/notifications/stream", of_merchant, live)
    _stream_at(routes, "/api/v1/people/me/notifications/stream", of_person, live)
    return routes


def _stream_at(routes: APIRouter, path: str, reader_of: Any, live: LiveFeeds) -> None:
    @routes.get(path, response_class=StreamingResponse, responses=sse.DOCUMENTED)
    async def stream(
        *,
        reader: Annotated[Reader, Depends(reader_of)],
        principal: SignedIn,
        database: Db,
        stopping: Stopping,
        response: Response,
        accept_language: AcceptLanguage = None,
        last_event_id: LastEventId = None,
    ) -> StreamingResponse:
        """New notifications as they come: `id` is the sequence, `data` what the feed shows, as JSON.

        Without Last-Event-ID it begins now; with it, after that sequence, and nothing is left out. One that
        was never given (the database was restored to before it) begins now too.
        """
        language = await language_for(database, reader.recipient, accept_language, response)
        async with database.connection() as connection:
            last = await last_sequence(connection, reader.recipient)
        opened = AsyncExitStack()
        after = last if last_event_id is None else min(last_event_id, last)
        reading = opened.enter_context(live.reading(principal.person_id, reader.recipient, after))
        headers = {"Content-Language": language, "Vary": "Accept-Language"}
        return sse.streamed(_Notifications(reading, language).next, opened, stopping, headers)


class _Notifications:
    def __init__(self, reader: OpenStream, language: str) -> None:
        self._reader = reader
        self._language = language

    async def next(self, seconds: float) -> bytes | None:
        entry = await self._reader.next(seconds)
        if entry is None:
            return None
        return sse.encoded("notification", shown(entry, self._language), entry.sequence)
