"""A shop's accounts elsewhere: connected by whoever runs it, and where the platform sends them back to.

A platform sends the person back with a state and a code, and says nothing of the shop: that is kept in a
cookie while they are away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.secret_cookie import SecretCookie
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.desk import frame, own_shops
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other

Connector = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,50}$")]
Given = Annotated[str, Query(max_length=2000)]
_DONE = {200, 201, 204}


def router(door: Door, departed: SecretCookie) -> APIRouter:
    """The page with its forms, and the page of arrival."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/shops/{merchant_id}/connections", methods=["GET", "HEAD"])
    async def show_connections(
        merchant_id: UUID, request: Request, reader: Reader, done: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        """What can be connected, what is, and how it went last."""
        return await door.enter(request, reader, lambda visitor: _page(door, visitor, merchant_id, done=done))

    @routes.post("/shops/{merchant_id}/connections", dependencies=[OF_THIS_SITE])
    async def change_connections(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Connect, say which place is the shop, or take back."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if form.get("do") == "connect":
                return await _leave(door, visitor, departed, merchant_id, form.get("connector", ""))
            done = await _change(visitor, merchant_id, form)
            return see_other(reader.path, reader, done=done)

        return await door.enter(request, reader, work)

    @routes.get("/connect/{connector}")
    async def arrive(
        connector: Connector, request: Request, reader: Reader, state: Given = "", code: Given = ""
    ) -> Response:
        """Back from the platform: with leave, or without."""
        shop = _id(departed.read(request))

        async def work(visitor: Visitor) -> Response:
            if shop is None:
                return see_other("/shops", reader)
            page = f"/shops/{shop}/connections"
            if not code or not state:
                return see_other(page, reader, done="not-given")
            body = {"state": state, "code": code}
            told = await visitor.write("POST", "campaigns", f"{_of(shop)}/{connector}/arrivals", body)
            return see_other(page, reader, done="connected" if told.status in _DONE else "refused")

        answer = await door.enter(request, reader, work)
        if not answer.headers.get("location", "").startswith("/sign-in"):
            departed.forget(answer)
        return answer

    return routes


async def _page(
    door: Door, visitor: Visitor, merchant_id: UUID, *, done: str = "", leaving: str = ""
) -> Response:
    own, head, told = await asyncio.gather(
        own_shops(visitor), frame(visitor, merchant_id), visitor.part("campaigns", _of(merchant_id))
    )
    if str(merchant_id) not in own:
        return door.renderer.not_there(visitor.reader)
    places: dict[str, Any] = {}
    for each in (told or {}).get("items", ()):
        if each["state"] == "choosing":
            path = f"{_of(merchant_id)}/{each['connector']}/locations"
            places[each["connector"]] = await visitor.part("campaigns", path)
    shown = {**head, "told": told, "places": places, "done": done, "leaving": leaving}
    return door.page("merchant/connections.html", visitor.reader, **shown)


async def _leave(
    door: Door, visitor: Visitor, departed: SecretCookie, merchant_id: UUID, connector: str
) -> Response:
    """A link on to the platform: a form that led elsewhere would be stopped by the page's own policy."""
    path = f"{_of(merchant_id)}/{quote(connector, safe='')}/departures"
    told = await visitor.write("POST", "campaigns", path)
    if told.status not in _DONE:
        return see_other(visitor.reader.path, visitor.reader, done="refused")
    page = await _page(door, visitor, merchant_id, leaving=str(told.body["url"]))
    until = datetime.now(UTC) + timedelta(seconds=int(told.body["expires_in"]))
    departed.keep(page, str(merchant_id), until)
    return page


async def _change(visitor: Visitor, merchant_id: UUID, form: Mapping[str, str]) -> str:
    path = f"{_of(merchant_id)}/{quote(form.get('connector', ''), safe='')}"
    if form.get("do") == "choose":
        body = {"location": form.get("location", "")}
        told = await visitor.write("PUT", "campaigns", f"{path}/location", body)
        return "chosen" if told.status in _DONE else "refused"
    told = await visitor.write("DELETE", "campaigns", path)
    return "taken-back" if told.status in _DONE else "refused"


def _of(merchant_id: UUID) -> str:
    return f"/api/v1/elsewhere/merchants/{merchant_id}/connections"


def _id(kept: str | None) -> UUID | None:
    try:
        return UUID(kept or "")
    except ValueError:
        return None
