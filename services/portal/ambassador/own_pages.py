"""What somebody contributed, what it earned them, and whom they follow."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from services.portal.ambassador.campaigns import PATH
from services.portal.ambassador.mine import PAGE, campaigns, shops
from services.portal.forms import OF_THIS_SITE
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other

Cursor = Annotated[str, Query(max_length=500)]
Done = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True)
class Points:
    """Somebody's points in one campaign; what nobody told is None."""

    campaign: Mapping[str, Any]
    own: Mapping[str, Any] | None
    entries: Mapping[str, Any] | None
    game: Mapping[str, Any] | None


def router(door: Door) -> APIRouter:
    """The lists; each entry leads to its own page."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/contributions", methods=["GET", "HEAD"])
    async def list_contributions(
        request: Request, reader: Reader, cursor: Cursor = "", done: Done = ""
    ) -> Response:
        """Everything, newest first: also what waits, or was removed or withdrawn."""

        async def work(visitor: Visitor) -> Response:
            told = await page_of(visitor, "/api/v1/contributions/mine", cursor)
            named, joined = await asyncio.gather(
                shops(visitor, told["items"]), campaigns(visitor, told["items"])
            )
            shown = {"told": told, "shops": named, "campaigns": joined, "is_first": not cursor, "done": done}
            return door.page("ambassador/contributions.html", visitor.reader, **shown)

        return await door.enter(request, reader, work)

    @routes.api_route("/points", methods=["GET", "HEAD"])
    async def list_points(request: Request, reader: Reader) -> Response:
        """By campaign: the sum, each line of it with its reason, and badges."""

        async def work(visitor: Visitor) -> Response:
            told = await page_of(visitor, "/api/v1/contributions/mine", "", limit=100)
            joined = await campaigns(visitor, told["items"])
            points = await asyncio.gather(*(_points(visitor, each) for each in joined.values()))
            return door.page("ambassador/points.html", visitor.reader, points=points)

        return await door.enter(request, reader, work)

    @routes.api_route("/follows", methods=["GET", "HEAD"])
    async def list_follows(request: Request, reader: Reader, cursor: Cursor = "") -> Response:
        """The shops one follows, newest first."""

        async def work(visitor: Visitor) -> Response:
            told = await page_of(visitor, "/api/v1/follows", cursor)
            named = await shops(visitor, told["items"])
            return door.page(
                "ambassador/follows.html", visitor.reader, told=told, shops=named, is_first=not cursor
            )

        return await door.enter(request, reader, work)

    @routes.post("/follows", dependencies=[OF_THIS_SITE])
    async def unfollow(request: Request, reader: Reader) -> Response:
        """One of them no more."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if (merchant_id := _id(form.get("shop", ""))) is not None:
                await visitor.write("DELETE", "campaigns", f"/api/v1/follows/{merchant_id}")
            return see_other("/follows", reader)

        return await door.enter(request, reader, work)

    return routes


async def page_of(visitor: Visitor, path: str, cursor: str, limit: int = PAGE) -> Mapping[str, Any]:
    """A page of a list of campaigns. Raises Unanswered."""
    query: dict[str, str | int] = {"limit": limit}
    if cursor:
        query["cursor"] = cursor
    answer = await visitor.read("campaigns", path, **query)
    # A cursor that somebody made up shows nothing more.
    return answer.body if answer.status == 200 else {"items": [], "next": None}


async def _points(visitor: Visitor, campaign: Mapping[str, Any]) -> Points:
    path = f"{PATH}/{campaign['id']}"
    own, entries, game = await asyncio.gather(
        visitor.part("campaigns", f"{path}/points/mine"),
        visitor.part("campaigns", f"{path}/points/mine/entries", limit=100),
        visitor.part("campaigns", f"{path}/game"),
    )
    return Points(campaign, own, entries, game)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
