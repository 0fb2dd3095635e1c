"""The live stream of a merchant's feed: server-sent events, resumable by `Last-Event-ID`.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from chassis.http import Db, Stopping
from chassis.identity import SignedIn
from chassis.problems import Problem
from services.notifications.feed.api import Language, Owned
from services.notifications.feed.live import LiveFeeds, Reader, TooManyStreams
from services.notifications.feed.reading import Entry, last_sequence
from services.notifications.feed.shown import shown

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 900.0
"""As long as a token lives: a role that was taken away ends here, and everybody else reconnects."""
_GLANCE_SECONDS = 0.5

LastEventId = Annotated[int | None, Header(ge=0, le=2**63 - 1, description="Continue after this sequence.")]


def router(live: LiveFeeds) -> APIRouter:
    """The stream, over the open streams of this process."""
    routes = APIRouter(prefix="/api/v1/notifications", tags=["feed"])

    @routes.get(
        "/stream",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "Notifications as they come."}},
    )
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
        try:
            reader = await opened.enter_async_context(live.reading(principal.person_id, merchant, after))
        except TooManyStreams as error:
            detail = "Too many live streams are open. Close one."
            raise Problem(429, "too-many-streams", "Too many streams", detail) from error
        headers = {
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "Content-Language": language,
            "Vary": "Accept-Language",
        }
        return StreamingResponse(
            _events(reader, opened, language, stopping), media_type="text/event-stream", headers=headers
        )

    return routes


async def _events(
    reader: Reader, opened: AsyncExitStack, language: str, stopping: asyncio.Event
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends_at, said_at = loop.time() + LONGEST_SECONDS, loop.time()
    async with opened:
        yield b"retry: 1000\n\n"
        while not stopping.is_set() and loop.time() < ends_at:
            entry = await reader.next(_GLANCE_SECONDS)
            if entry is not None:
                yield _event(entry, language)
            elif loop.time() - said_at >= HEARTBEAT_SECONDS:
                yield b": still here\n\n"
            else:
                continue
            said_at = loop.time()


def _event(entry: Entry, language: str) -> bytes:
    # JSON of one line: a line break inside would end the field.
    data = msgspec.json.encode(shown(entry, language))
    return b"id: %d\nevent: notification\ndata: %b\n\n" % (entry.sequence, data)
