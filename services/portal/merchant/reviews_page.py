"""What people wrote about a shop, and the shop's answers to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.desk import frame, own_shops
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, fault_of, see_other

PATH = "/api/v1/contributions"
Cursor = Annotated[str, Query(max_length=500)]


def router(door: Door) -> APIRouter:
    """The list, with a form at each review."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    async def page(
        visitor: Visitor,
        merchant_id: UUID,
        cursor: str = "",
        fault: str | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        query: dict[str, str | int] = {"merchant": str(merchant_id), "kind": "review", "limit": 10}
        if cursor:
            query["cursor"] = cursor
        own, head, told = await asyncio.gather(
            own_shops(visitor), frame(visitor, merchant_id), visitor.part("campaigns", PATH, **query)
        )
        if str(merchant_id) not in own:
            return door.renderer.not_there(visitor.reader)
        return door.page(
            "merchant/reviews.html",
            visitor.reader,
            422 if fault else 200,
            **head,
            told=told,
            is_first=not cursor,
            fault=fault,
            typed=typed or {},
            attempt=new_id(),
        )

    @routes.api_route("/shops/{merchant_id}/reviews", methods=["GET", "HEAD"])
    async def show_reviews(
        merchant_id: UUID, request: Request, reader: Reader, cursor: Cursor = ""
    ) -> Response:
        """Newest first, each with its answer or a form for one."""
        return await door.enter(request, reader, lambda visitor: page(visitor, merchant_id, cursor))

    @routes.post("/shops/{merchant_id}/reviews", dependencies=[OF_THIS_SITE])
    async def answer_review(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Answers, changes the answer, or takes it back."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            fault = await _do(visitor, form)
            if fault:
                return await page(visitor, merchant_id, fault=fault, typed=form)
            return see_other(f"/shops/{merchant_id}/reviews", reader)

        return await door.enter(request, reader, work)

    return routes


async def _do(visitor: Visitor, form: Mapping[str, str]) -> str | None:
    """What hinders it; None once it is done."""
    try:
        path = f"{PATH}/{UUID(form.get('review', ''))}/answer"
    except ValueError:
        return "refused"
    body = {"text": form.get("text", "")}
    match form.get("do"):
        case "answer":
            answer = await visitor.write(
                "POST", "campaigns", path, body, attempt=form.get("attempt") or "answer"
            )
        case "change":
            etag = f'"{form.get("version", "0")}"'
            answer = await visitor.write("PATCH", "campaigns", path, body, etag=etag)
        case "take-back":
            answer = await visitor.write("DELETE", "campaigns", path)
        case _:
            return "refused"
    return None if answer.status in {200, 201, 204} else fault_of(answer)
