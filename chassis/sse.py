"""Live streams to browsers: server-sent events, limited in number, ended with the token or the process.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any
from uuid import UUID

import msgspec
from fastapi.responses import StreamingResponse

from chassis.problems import Problem

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 900.0
"""As long as a token lives: a role that was taken away ends here, and everybody else reconnects."""
STREAMS_PER_PERSON = 5
STREAMS_IN_ALL = 2_000
_GLANCE_SECONDS = 0.5

Next = Callable[[float], Awaitable[bytes | None]]
"""The next event as bytes, or None where none comes within so many seconds."""

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Events as they come."}
}
"""For a route's `responses`."""


class OpenStreams:
    """How many streams of one kind are open in this process, and by whom."""

    def __init__(self) -> None:
        self._persons: Counter[UUID] = Counter()

    @contextmanager
    def one_more(self, person: UUID) -> Iterator[None]:
        """Take a place. Raises Problem (429) where this person, or this process, has no more of them."""
        if self._persons[person] >= STREAMS_PER_PERSON or self._persons.total() >= STREAMS_IN_ALL:
            detail = "Too many live streams are open. Close one."
            raise Problem(429, "too-many-streams", "Too many streams", detail)
        self._persons[person] += 1
        try:
            yield
        finally:
            self._persons[person] -= 1
            if not self._persons[person]:
                del self._persons[person]


def encoded(event: str, data: object, sequence: int | None = None) -> bytes:
    """One event. `data` becomes JSON of one line: a line break inside would end the field."""
    place = b"" if sequence is None else b"id: %d\n" % sequence
    return b"%bevent: %b\ndata: %b\n\n" % (place, event.encode(), msgspec.json.encode(data))


def streamed(
    following: Next, opened: AsyncExitStack, stopping: asyncio.Event, headers: dict[str, str] | None = None
) -> StreamingResponse:
    """The answer that sends what `following` gives; `opened` is closed with it, however it ends."""
    return StreamingResponse(
        _events(following, opened, stopping),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})},
    )


async def _events(following: Next, opened: AsyncExitStack, stopping: asyncio.Event) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends_at, said_at = loop.time() + LONGEST_SECONDS, loop.time()
    async with opened:
        yield b"retry: 1000\n\n"
        while not stopping.is_set() and loop.time() < ends_at:
            event = await following(_GLANCE_SECONDS)
            if event is not None:
                yield event
            elif loop.time() - said_at >= HEARTBEAT_SECONDS:
                yield b": still here\n\n"
            else:
                continue
            said_at = loop.time()
