"""Becoming the ambassador of a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.ambassador.campaigns import Part, join, part_in
from services.portal.forms import OF_THIS_SITE
from services.portal.reader import Reader
from services.portal.sign_in_page import GoesOn
from services.portal.visitors import Door, Visitor, see_other


@dataclass(frozen=True)
class _Typed:
    """What somebody sent, and what hindered it."""

    form: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None
    goes_on: str = ""


def router(door: Door) -> APIRouter:
    """The page for who joins, and joining."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/campaigns/{campaign_id}/join", methods=["GET", "HEAD"])
    async def show_joining(campaign_id: UUID, request: Request, reader: Reader, goes_on: GoesOn) -> Response:
        """The pledge and what else is asked; for who is in already, what to do next."""

        async def work(visitor: Visitor) -> Response:
            part = await part_in(visitor, str(campaign_id))
            return _page(door, visitor, part, _Typed(goes_on=goes_on))

        return await door.enter(request, reader, work)

    @routes.post("/campaigns/{campaign_id}/join", dependencies=[OF_THIS_SITE])
    async def do_join(campaign_id: UUID, request: Request, reader: Reader, goes_on: GoesOn) -> Response:
        """In; on to what one had begun."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            fault = await join(visitor, str(campaign_id), form, form.get("attempt") or "join")
            if fault:
                part = await part_in(visitor, str(campaign_id))
                return _page(door, visitor, part, _Typed(form, fault, goes_on))
            return see_other(goes_on or reader.path, reader)

        return await door.enter(request, reader, work)

    return routes


def _page(door: Door, visitor: Visitor, part: Part | None, typed: _Typed) -> Response:
    if part is None:
        return door.renderer.not_there(visitor.reader)
    return door.page(
        "ambassador/join.html",
        visitor.reader,
        422 if typed.fault else 200,
        part=part,
        typed=typed.form,
        fault=typed.fault,
        goes_on=typed.goes_on,
        attempt=new_id(),
        place=f"{urlencode({'next': typed.goes_on})}&" if typed.goes_on else "",
    )
