"""The forms for a review and for a photo of a shop: from the code in its window to what is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.ambassador.campaigns import Part, join, part_at
from services.portal.ambassador.contributing import TIES, post_photo, post_review, shop_of
from services.portal.forms import OF_THIS_SITE
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, fault_of, see_other

MOST_BODY_BYTES = 41 * 1024 * 1024
"""As campaigns takes photos, and the gateway passes them on."""
_NOTHING_TYPED: Mapping[str, str] = {}


def router(door: Door) -> APIRouter:
    """Both forms. A photo goes on to its service as it comes; it is not read here."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    _add_review(routes, door)
    _add_photo(routes, door)
    return routes


def _add_review(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/merchants/{merchant_id}/review", methods=["GET", "HEAD"])
    async def show_review(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Rating, words, and the campaign it would count for."""

        async def work(visitor: Visitor) -> Response:
            return await _form(door, visitor, "review", merchant_id)

        return await door.enter(request, reader, work)

    @routes.post("/merchants/{merchant_id}/review", dependencies=[OF_THIS_SITE])
    async def send_review(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Joins where that was wanted, posts, and goes on to what was posted."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            fault = await _joined(visitor, form)
            if fault is None:
                answer = await post_review(visitor, str(merchant_id), form)
                if answer.status in {200, 201}:
                    return see_other(f"/contributions/{answer.body['id']}", reader, done="posted")
                known = answer.body.get("contribution_id")
                fault = fault_of(answer)
                return await _form(door, visitor, "review", merchant_id, form=form, fault=fault, known=known)
            return await _form(door, visitor, "review", merchant_id, form=form, fault=fault)

        return await door.enter(request, reader, work)


def _add_photo(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/merchants/{merchant_id}/photo", methods=["GET", "HEAD"])
    async def show_photo(
        merchant_id: UUID, request: Request, reader: Reader, review: UUID | None = None
    ) -> Response:
        """A photo, what it shows, and who is in it."""

        async def work(visitor: Visitor) -> Response:
            return await _form(door, visitor, "photo", merchant_id, review=review)

        return await door.enter(request, reader, work)

    @routes.post("/merchants/{merchant_id}/photo", dependencies=[OF_THIS_SITE], max_body_size=MOST_BODY_BYTES)
    async def send_photo(
        *,
        merchant_id: UUID,
        request: Request,
        reader: Reader,
        attempt: UUID,
        review: UUID | None = None,
    ) -> Response:
        """Posts, and goes on to what was posted."""
        headers = request.headers

        async def work(visitor: Visitor) -> Response:
            media_type, length = headers.get("content-type", ""), headers.get("content-length", "")
            answer = await post_photo(visitor, request.stream(), media_type, length, str(attempt))
            if answer.status in {200, 201}:
                return see_other(f"/contributions/{answer.body['id']}", reader, done="posted")
            return await _form(door, visitor, "photo", merchant_id, review=review, fault=fault_of(answer))

        return await door.enter(request, reader, work)


async def _joined(visitor: Visitor, form: Mapping[str, str]) -> str | None:
    """What hinders joining; None where that is done, or was not asked for."""
    if not form.get("pledge"):
        return None
    try:
        campaign = str(UUID(form.get("campaign", "")))
    except ValueError:
        return "over"
    return await join(visitor, campaign, form, f"{form.get('attempt', '')}-join")


async def _form(
    door: Door,
    visitor: Visitor,
    kind: str,
    merchant_id: UUID,
    *,
    form: Mapping[str, str] = _NOTHING_TYPED,
    fault: str | None = None,
    known: Any = None,
    review: UUID | None = None,
) -> Response:
    shop = await shop_of(visitor, str(merchant_id))
    if shop is None:
        return door.renderer.not_there(visitor.reader)
    part: Part | None = await part_at(visitor, shop)
    shown = {
        "shop": shop,
        "part": part,
        "typed": form,
        "fault": fault,
        "known": known,
        "review": review,
        "ties": TIES,
        "attempt": form.get("attempt") or str(new_id()),
    }
    status = 422 if fault else 200
    return door.page(f"ambassador/{kind}.html", visitor.reader, status, **shown)
