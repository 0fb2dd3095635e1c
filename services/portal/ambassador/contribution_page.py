"""One's own contribution: who sees it and why, what it counts for; changed, withdrawn, appealed for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.ambassador.campaigns import part_at
from services.portal.ambassador.contributing import PATH, edit
from services.portal.forms import OF_THIS_SITE
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, fault_of, see_other

Done = Annotated[str, Query(max_length=20)]


def router(door: Door) -> APIRouter:
    """The page and its forms."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/contributions/{contribution_id}", methods=["GET", "HEAD"])
    async def show(contribution_id: UUID, request: Request, reader: Reader, done: Done = "") -> Response:
        """As its author sees it."""

        async def work(visitor: Visitor) -> Response:
            return await _page(door, visitor, contribution_id, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/contributions/{contribution_id}", dependencies=[OF_THIS_SITE])
    async def change(contribution_id: UUID, request: Request, reader: Reader) -> Response:
        """What a form of the page does."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            fault = await _do(visitor, str(contribution_id), form)
            if fault:
                return await _page(door, visitor, contribution_id, form=form, fault=fault)
            if form.get("do") == "withdraw":
                return see_other("/contributions", reader, done="withdrawn")
            return see_other(reader.path, reader, done=form.get("do", ""))

        return await door.enter(request, reader, work)

    return routes


async def _do(visitor: Visitor, contribution_id: str, form: Mapping[str, str]) -> str | None:
    """What hinders it; None once it is done."""
    path = f"{PATH}/{contribution_id}"
    match form.get("do"):
        case "edit":
            answer = await edit(visitor, {"id": contribution_id}, form)
        case "withdraw":
            answer = await visitor.write("DELETE", "campaigns", path)
        case "appeal":
            body = {"text": form.get("appeal", "")}
            attempt = form.get("attempt") or "appeal"
            answer = await visitor.write("POST", "campaigns", f"{path}/appeal", body, attempt=attempt)
        case _:
            return None
    return None if answer.status in {200, 201, 204} else fault_of(answer)


async def _page(
    door: Door,
    visitor: Visitor,
    contribution_id: UUID,
    *,
    form: Mapping[str, str] | None = None,
    fault: str | None = None,
    done: str = "",
) -> Response:
    found = await visitor.found("campaigns", f"{PATH}/{contribution_id}")
    if found is None:
        return door.renderer.not_there(visitor.reader)
    shop, campaign, decided = await asyncio.gather(
        visitor.part("directory", f"/api/v1/merchants/{found['merchant_id']}"),
        _campaign(visitor, found),
        visitor.part("campaigns", f"{PATH}/{contribution_id}/decisions"),
    )
    is_joinable = found["reason"] == "not-enrolled" and shop is not None
    shown: dict[str, Any] = {
        "it": found,
        "shop": shop,
        "campaign": campaign,
        "decided": decided,
        "part": await part_at(visitor, shop) if is_joinable and shop else None,
        "typed": form or {},
        "fault": fault,
        "done": done,
        "attempt": new_id(),
    }
    return door.page("ambassador/contribution.html", visitor.reader, 422 if fault else 200, **shown)


async def _campaign(visitor: Visitor, found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not found["campaign_id"]:
        return None
    return await visitor.part("campaigns", f"/api/v1/campaigns/{found['campaign_id']}")
