"""What a person was told themselves: as an ambassador, as who reported, as an officer or a consultant."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of, pairs_of
from services.portal.choosing import Wishes, changed, page_of
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.feed_page import Cursor, is_id
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other

PATH = "/api/v1/people/me/notifications"
WISHES = Wishes("/api/v1/people/me/notification-preferences", "/api/v1/people/me/notification-devices")
Done = Annotated[str, Query(max_length=20)]


def router(door: Door) -> APIRouter:
    """The own feed, and what of it comes by mail."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/messages", methods=["GET", "HEAD"])
    async def show_messages(request: Request, reader: Reader, cursor: Cursor = "") -> Response:
        """Newest first."""

        async def work(visitor: Visitor) -> Response:
            query: dict[str, str | int] = {"limit": 20}
            if cursor:
                query["cursor"] = cursor
            answer, unread = await asyncio.gather(
                visitor.read("notifications", PATH, **query),
                visitor.part("notifications", f"{PATH}/unread"),
            )
            # A cursor that somebody made up shows nothing more.
            told = answer.body if answer.status == 200 else {"items": [], "next": None}
            count = (unread or {}).get("unread", 0)
            return door.page("messages.html", visitor.reader, told=told, unread=count, is_first=not cursor)

        return await door.enter(request, reader, work)

    @routes.post("/messages", dependencies=[OF_THIS_SITE])
    async def mark_read(request: Request, reader: Reader) -> Response:
        """All that the page shows."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            for each in filter(is_id, form.get("notifications", "").split(",")[:20]):
                await visitor.write("POST", "notifications", f"{PATH}/{each}/read")
            return see_other("/messages", reader)

        return await door.enter(request, reader, work)

    @routes.api_route("/messages/preferences", methods=["GET", "HEAD"])
    async def show_preferences(request: Request, reader: Reader, done: Done = "") -> Response:
        """As they are."""
        return await door.enter(request, reader, lambda visitor: _preferences(door, visitor, done=done))

    @routes.post("/messages/preferences", dependencies=[OF_THIS_SITE])
    async def choose(request: Request, reader: Reader) -> Response:
        """Holds from now on, as for a shop."""
        form = dict(await pairs_of(request))

        async def work(visitor: Visitor) -> Response:
            outcome = await changed(visitor, WISHES, form)
            return outcome if isinstance(outcome, Response) else await _preferences(door, visitor, **outcome)

        return await door.enter(request, reader, work)

    return routes


async def _preferences(door: Door, visitor: Visitor, **said: Any) -> Response:
    shown = await page_of(visitor, WISHES, **said)
    if shown is None:
        return door.renderer.not_there(visitor.reader)
    return door.page("messages_preferences.html", visitor.reader, **shown)
