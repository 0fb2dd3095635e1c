"""Something that the directory says of a shop is wrong: suggested how it should be, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.ambassador.contributing import shop_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, Unanswered
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, fault_of, see_other

DETAILS: dict[str, tuple[str, ...]] = {
    "opening_hours": ("opening_hours",),
    "phone": ("phone",),
    "website": ("website",),
    "address": ("street", "house_number", "postcode", "place"),
    "name": ("name",),
    "moved": ("street", "house_number", "postcode", "place"),
    "closed": (),
}
"""What can be wrong, and which details are then said anew."""
_OWN = "/api/v1/people/me/corrections"
Field = Annotated[str, Query(max_length=20)]
Done = Annotated[str, Query(pattern=r"^(suggested|withdrawn)?$")]


def router(door: Door) -> APIRouter:
    """What is wrong, then how it should be; and one's own suggestions about the shop."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/merchants/{merchant_id}/correction", methods=["GET", "HEAD"])
    async def show_correction(
        merchant_id: UUID, request: Request, reader: Reader, field: Field = "", done: Done = ""
    ) -> Response:
        """The choice of what is wrong, or the form of one detail with what is said now."""

        async def work(visitor: Visitor) -> Response:
            return await _page(door, visitor, merchant_id, field=field, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/merchants/{merchant_id}/correction", dependencies=[OF_THIS_SITE])
    async def suggest(merchant_id: UUID, request: Request, reader: Reader) -> Response:
        """Suggest it, or take a suggestion back that nobody decided about."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if form.get("do") == "withdraw":
                await _withdraw(visitor, form.get("correction", ""))
                return see_other(reader.path, reader, done="withdrawn")
            fault = await _suggest(visitor, merchant_id, form)
            if fault:
                field = form.get("field", "")
                return await _page(door, visitor, merchant_id, field=field, typed=form, fault=fault)
            return see_other(reader.path, reader, done="suggested")

        return await door.enter(request, reader, work)

    return routes


async def _suggest(visitor: Visitor, merchant_id: UUID, form: Mapping[str, str]) -> str:
    """What hinders it; empty once it is suggested, and handed in where it may earn points."""
    field = form.get("field", "")
    if field not in DETAILS:
        return "field"
    details = DETAILS[field]
    body: dict[str, Any] = {
        "field": field,
        "suggested": {name: form.get(name, "").strip() or None for name in details},
        "seen": {name: form.get(f"seen-{name}") or None for name in details},
    }
    if note := form.get("note", "").strip():
        body["note"] = note
    path, attempt = f"/api/v1/merchants/{merchant_id}/corrections", form.get("attempt") or "correction"
    answer = await visitor.write("POST", "directory", path, body, attempt=attempt)
    if answer.status == 404:
        raise NotThere("directory: no such shop")
    if answer.status >= 400:
        fault = fault_of(answer)
        return field if fault in {"suggested", "body"} else fault
    receipt = f"/api/v1/contributions/corrections/{answer.body['receipt_id']}"
    with suppress(Unanswered):  # it is suggested all the same: what it earns is not what it is for
        await visitor.write("PUT", "campaigns", receipt, {"merchant_id": str(merchant_id)})
    return ""


async def _withdraw(visitor: Visitor, correction: str) -> None:
    """One that was decided about meanwhile stays, and says so in the list."""
    try:
        await visitor.write("DELETE", "directory", f"{_OWN}/{UUID(correction)}")
    except ValueError:
        raise NotThere("no correction") from None


async def _page(
    door: Door,
    visitor: Visitor,
    merchant_id: UUID,
    *,
    field: str = "",
    typed: Mapping[str, str] | None = None,
    fault: str = "",
    done: str = "",
) -> Response:
    shop, own = await asyncio.gather(
        shop_of(visitor, str(merchant_id)), visitor.part("directory", _OWN, limit=50)
    )
    if shop is None:
        return door.renderer.not_there(visitor.reader)
    seen = _said(shop)
    mine = [each for each in (own or {"items": ()})["items"] if each["merchant_id"] == str(merchant_id)]
    shown: dict[str, Any] = {
        "shop": shop,
        "field": field if field in DETAILS else "",
        "fields": list(DETAILS),
        "details": DETAILS.get(field, ()),
        "seen": seen,
        "typed": typed or seen,
        "note": (typed or {}).get("note", ""),
        "mine": mine,
        "fault": fault,
        "done": done,
        "attempt": new_id(),
    }
    status = 422 if fault else 200
    place = f"field={field}&" if field in DETAILS else ""
    return door.page("ambassador/correction.html", visitor.reader, status, place=place, **shown)


def _said(shop: Mapping[str, Any]) -> dict[str, str]:
    """What the directory says now, by detail."""
    hours = shop.get("opening_hours") or {}
    told = {**shop["address"], **{name: shop.get(name) for name in ("name", "phone", "website")}}
    return {name: value or "" for name, value in (told | {"opening_hours": hours.get("given")}).items()}
