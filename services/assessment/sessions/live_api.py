"""A session's forms as they come in: server-sent events for the consultant's screen."""

from contextlib import AsyncExitStack
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from chassis import sse
from chassis.http import Db, Stopping
from chassis.openapi import problems
from services.assessment.sessions.api import PATH, TAGS, Consultant, find_of_consultant
from services.assessment.sessions.live import Hall, LiveHalls, Watcher

LastEventId = Annotated[int | None, Header(ge=0, le=2**31, description="Only what came after it.")]


def router(live: LiveHalls) -> APIRouter:
    """The stream, over the open screens of this process."""
    routes = APIRouter(prefix=PATH, tags=[*TAGS])

    @routes.get(
        "/{town_session_id}/live",
        response_class=StreamingResponse,
        responses={**sse.DOCUMENTED, **problems(404)},
    )
    async def watch(
        *,
        town_session_id: UUID,
        who: Consultant,
        database: Db,
        stopping: Stopping,
        last_event_id: LastEventId = None,
    ) -> StreamingResponse:
        """How many forms there are, now and whenever one more comes (a consultant of the city).

        From five on also `picture`: mean and distribution (how many score 0–9, 10–19, … 90–100) of the
        forms it was made of, made anew with every five more, so that no single one can be told from two of
        them. `id` is the number of forms; each event is how things stand, so nothing is missed by
        reconnecting.
        """
        async with database.connection() as connection:
            await find_of_consultant(connection, town_session_id, who, change=False)
        opened = AsyncExitStack()
        watcher = opened.enter_context(live.watching(who.person_id, town_session_id, last_event_id))
        return sse.streamed(_Events(watcher).next, opened, stopping)

    return routes


class _Events:
    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    async def next(self, seconds: float) -> bytes | None:
        hall = await self._watcher.next(seconds)
        return sse.encoded("forms", _shown(hall), hall.forms) if hall is not None else None


def _shown(hall: Hall) -> dict[str, Any]:
    return {"forms": hall.forms, "picture": hall.picture}
