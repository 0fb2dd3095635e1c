"""A merchant's audience as it grows: server-sent events for an open page."""

from contextlib import AsyncExitStack

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from chassis import sse
from chassis.http import Stopping
from chassis.identity import SignedIn
from services.notifications.audience.api import Readable
from services.notifications.audience.live import LiveAudiences


def router(live: LiveAudiences) -> APIRouter:
    """The stream, over the open streams of this process."""
    routes = APIRouter(prefix="/api/v1/audience", tags=["audience"])

    @routes.get("/{merchant_id}/stream", response_class=StreamingResponse, responses=sse.DOCUMENTED)
    async def stream(merchant: Readable, principal: SignedIn, stopping: Stopping) -> StreamingResponse:
        """The figures now, and again whenever they change: `totals` and `today`'s, by kind, as JSON.

        Each event is how things stand, so that nothing is missed by reconnecting; figures that follow each
        other faster than they are read are left out.
        """
        opened = AsyncExitStack()
        watcher = opened.enter_context(live.watching(principal.person_id, merchant))
        return sse.streamed(watcher.next, opened, stopping)

    return routes
