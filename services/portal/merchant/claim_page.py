"""Somebody takes over the account of their shop, by the code of its letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.secret_cookie import SecretCookie
from services.portal.forms import OF_THIS_SITE
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, problem_of, see_other

_MOST_FOUND = 10


def router(door: Door, draft: SecretCookie) -> APIRouter:
    """Which shop, then the code: both on one page, which says what it found.

    Who has begun an assessment in this browser goes on to hand it in.
    """
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/claim", methods=["GET", "HEAD"])
    async def show_claim(request: Request, reader: Reader, shop: UUID | None = None, q: str = "") -> Response:
        """Look one's shop up; `shop` has it chosen already."""

        async def work(visitor: Visitor) -> Response:
            return await _page(door, visitor, {"q": q[:200], "shop": str(shop or "")})

        return await door.enter(request, reader, work)

    @routes.post("/claim", dependencies=[OF_THIS_SITE])
    async def claim(request: Request, reader: Reader) -> Response:
        """The shop's account is theirs; where somebody runs it already, its city decides."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            try:
                merchant_id = UUID(form.get("shop", ""))
            except ValueError:
                return await _page(door, visitor, form, "shop")
            path = f"/api/v1/merchants/{merchant_id}/claim"
            answer = await visitor.write("POST", "directory", path, {"code": form.get("code", "").strip()})
            if answer.status == 202:
                return await _page(door, visitor, form, is_disputed=True)
            if answer.status != 200:
                return await _page(door, visitor, form, problem_of(answer))
            # What the person is now: the token that they came with does not say it yet.
            visitor.session = await door.sessions.renewed(visitor.session) or visitor.session
            page = "/assessment" if draft.read(request) else ""
            return see_other(f"/shops/{merchant_id}{page}", reader)

        return await door.enter(request, reader, work)

    return routes


async def _page(
    door: Door,
    visitor: Visitor,
    typed: Mapping[str, str],
    fault: str | None = None,
    *,
    is_disputed: bool = False,
) -> Response:
    found: list[Mapping[str, Any]] = []
    if q := typed.get("q", "").strip():
        told = await visitor.part("directory", "/api/v1/merchants/search", q=q, limit=_MOST_FOUND)
        found = [each["merchant"] for each in (told or {"items": ()})["items"]]
    elif shop := typed.get("shop"):
        chosen = await visitor.part("directory", f"/api/v1/merchants/{shop}")
        found = [chosen] if chosen else []
    shown = {"typed": typed, "found": found, "fault": fault, "is_disputed": is_disputed}
    return door.renderer.secret_page("merchant/claim.html", visitor.reader, 422 if fault else 200, **shown)
