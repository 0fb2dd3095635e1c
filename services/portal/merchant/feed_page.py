"""What a shop was told: read without a script, and live where one runs."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.desk import frame
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other

PATH = "/api/v1/notifications"
Cursor = Annotated[str, Query(max_length=500)]
LastEvent = Annotated[str, Header(alias="Last-Event-ID", max_length=50)]


def router(door: Door) -> APIRouter:
    """The feed, and the stream that says when to look again."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/shops/{merchant_id}/feed", methods=["GET", "HEAD"])
    async def show_feed(merchant_id: UUID, request: Request, reader: Reader, cursor: Cursor = "") -> Response:
        """Newest first."""

        async def work(visitor: Visitor) -> Response:
            query: dict[str, str | int] = {"merchant": str(merchant_id), "limit": 20}
            if cursor:
                query["cursor"] = cursor
            head, told = await asyncio.gather(
                frame(visitor, merchant_id), visitor.found("notifications", PATH, **query)
            )
            if told is None:
                return door.renderer.not_there(reader)
            return door.page("merchant/feed.html", visitor.reader, **head, told=told, is_first=not cursor)

        return await door.enter(request, reader, work)

    @routes.post("/shops/{merchant_id}/feed", dependencies=[OF_THIS_SITE])
    async def mark_read(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """One of them, or all that the page shows."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            named = [each for each in form.get("notifications", "").split(",")[:20] if is_id(each)]
            for each in named:
                await visitor.write("POST", "notifications", f"{PATH}/{each}/read")
            return see_other(f"/shops/{merchant_id}/feed", reader)

        return await door.enter(request, reader, work)

    @routes.get("/shops/{merchant_id}/feed/stream")
    async def stream_feed(merchant_id: UUID, request: Request, last: LastEvent = "") -> Response:
        """New notifications as they come."""
        path = f"{PATH}/stream?merchant={merchant_id}"
        return await door.stream(request, "notifications", path, last)

    return routes


def is_id(text: str) -> bool:
    """Whether that is a notification's id, as a form of ours sends it."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
