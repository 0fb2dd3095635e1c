"""What a shop wants to be told by mail, how often, and in which language; in the feed all of it is told."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import pairs_of
from services.portal.choosing import Wishes, changed, page_of
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.desk import frame
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor

PATH = "/api/v1/notifications"
Done = Annotated[str, Query(max_length=20)]


def router(door: Door) -> APIRouter:
    """The form."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/shops/{merchant_id}/preferences", methods=["GET", "HEAD"])
    async def show_preferences(
        merchant_id: UUID, request: Request, reader: Reader, done: Done = ""
    ) -> Response:
        """As they are; nothing is sent before somebody agreed."""
        return await door.enter(request, reader, lambda visitor: _page(door, visitor, merchant_id, done=done))

    @routes.post("/shops/{merchant_id}/preferences", dependencies=[OF_THIS_SITE])
    async def choose(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Holds from now on: what waits and was not wanted is not sent."""
        form = dict(await pairs_of(request))

        async def work(visitor: Visitor) -> Response:
            outcome = await changed(visitor, _wishes(merchant_id), form)
            return (
                outcome
                if isinstance(outcome, Response)
                else await _page(door, visitor, merchant_id, **outcome)
            )

        return await door.enter(request, reader, work)

    return routes


def _wishes(merchant_id: UUID) -> Wishes:
    return Wishes(f"{PATH}/preferences/{merchant_id}", f"{PATH}/devices/{merchant_id}")


async def _page(door: Door, visitor: Visitor, merchant_id: UUID, **said: Any) -> Response:
    head, shown = await asyncio.gather(
        frame(visitor, merchant_id), page_of(visitor, _wishes(merchant_id), **said)
    )
    if shown is None:
        return door.renderer.not_there(visitor.reader)
    return door.page("merchant/preferences.html", visitor.reader, **head, **shown)
