"""Photos that citizens made of a shop, and what its people may do with each."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.desk import frame, own_shops
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, problem_of, see_other

PATH = "/api/v1/contributions"
Cursor = Annotated[str, Query(max_length=500)]


def router(door: Door) -> APIRouter:
    """The list, and a page for each with its terms and files."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    async def page(
        visitor: Visitor, merchant_id: UUID, photo_id: UUID, status: int = 200, fault: str = ""
    ) -> Response:
        own, head, photo = await asyncio.gather(
            own_shops(visitor), frame(visitor, merchant_id), visitor.found("campaigns", f"{PATH}/{photo_id}")
        )
        shop = str(merchant_id)
        if shop not in own or (photo and (photo["merchant_id"], photo["kind"]) != (shop, "photo")):
            return door.renderer.not_there(visitor.reader)
        shown = {**head, "photo": photo, "fault": fault}
        return door.page("merchant/photo.html", visitor.reader, status if photo else 404, **shown)

    @routes.api_route("/shops/{merchant_id}/photos", methods=["GET", "HEAD"])
    async def list_photos(
        merchant_id: UUID, request: Request, reader: Reader, cursor: Cursor = ""
    ) -> Response:
        """Newest first, each with its author, its licence, and whether the shop uses it."""

        async def work(visitor: Visitor) -> Response:
            query: dict[str, str | int] = {"merchant": str(merchant_id), "kind": "photo", "limit": 12}
            if cursor:
                query["cursor"] = cursor
            own, head, told = await asyncio.gather(
                own_shops(visitor), frame(visitor, merchant_id), visitor.part("campaigns", PATH, **query)
            )
            if str(merchant_id) not in own:
                return door.renderer.not_there(reader)
            shown = {**head, "told": told, "is_first": not cursor}
            return door.page("merchant/photos.html", visitor.reader, **shown)

        return await door.enter(request, reader, work)

    @routes.api_route("/shops/{merchant_id}/photos/{photo_id}", methods=["GET", "HEAD"])
    async def show_photo(merchant_id: UUID, photo_id: UUID, request: Request, reader: Reader) -> Response:
        """What the shop may do with it; once it uses it, the files and the line to put beside them."""
        return await door.enter(request, reader, lambda visitor: page(visitor, merchant_id, photo_id))

    @routes.post("/shops/{merchant_id}/photos/{photo_id}", dependencies=[OF_THIS_SITE])
    async def use_photo(merchant_id: UUID, photo_id: UUID, request: Request, reader: Reader) -> Response:
        """The shop uses it from now on."""

        async def work(visitor: Visitor) -> Response:
            answer = await visitor.write("PUT", "campaigns", f"{PATH}/{photo_id}/reuse")
            if answer.status != 200:
                return await page(visitor, merchant_id, photo_id, 409, problem_of(answer) or "refused")
            return see_other(f"/shops/{merchant_id}/photos/{photo_id}", reader)

        return await door.enter(request, reader, work)

    return routes
