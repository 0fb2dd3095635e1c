"""Sessions, trainings and coaching groups: booked, asked for with consent to be contacted, and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import pairs_of
from chassis.http import Now
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.merchant.coming import change_coming, coming
from services.portal.merchant.desk import frame, items
from services.portal.neighbours import NotThere
from services.portal.reader import Reader
from services.portal.rendering import attached
from services.portal.visitors import Door, Visitor, fault_of, see_other

REQUESTS = "/api/v1/training-requests"
SEATS = "/api/v1/coaching-seats"
HALF_DAYS = tuple(
    f"{day}-{half}" for day in ("mon", "tue", "wed", "thu", "fri", "sat") for half in ("am", "pm")
)


def router(door: Door) -> APIRouter:
    """One page with its forms, and the calendar file of a seat."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/shops/{merchant_id}/assessment/trainings", methods=["GET", "HEAD"])
    async def show_trainings(merchant_id: UUID, request: Request, reader: Reader, now: Now) -> Response:
        """Sessions with a date, what was asked for, groups with a free seat, and what can be asked for."""
        return await door.enter(request, reader, lambda visitor: _page(door, visitor, merchant_id, now()))

    @routes.post("/shops/{merchant_id}/assessment/trainings", dependencies=[OF_THIS_SITE])
    async def change_trainings(merchant_id: UUID, request: Request, reader: Reader, now: Now) -> Response:
        """Registers or withdraws, asks or takes back, joins a group or leaves it."""
        pairs = await pairs_of(request)

        async def work(visitor: Visitor) -> Response:
            fault = await _do(visitor, merchant_id, pairs)
            if fault:
                return await _page(door, visitor, merchant_id, now(), fault=fault, typed=dict(pairs))
            return see_other(reader.path, reader)

        return await door.enter(request, reader, work)

    @routes.get("/coaching/{seat_id}.ics")
    async def give_calendar(seat_id: UUID, request: Request, reader: Reader) -> Response:
        """When and where one's coaching group meets, for a calendar."""

        async def work(visitor: Visitor) -> Response:
            path = f"{SEATS}/{seat_id}/calendar?language={reader.language}"
            file = await door.neighbours.paper("assessment", path, visitor.session.token)
            if file is None:
                raise NotThere("assessment: no calendar")
            return attached(file, "coaching.ics", "text/calendar; charset=utf-8")

        return await door.enter(request, reader, work)

    return routes


async def _do(visitor: Visitor, merchant_id: UUID, pairs: Sequence[tuple[str, str]]) -> str | None:
    """What hinders it; None once it is done."""
    form = dict(pairs)
    ids = {name: _id(form.get(name, "")) for name in ("request", "group", "seat", "session")}
    match form.get("do"):
        case "come" | "stay away" as wish:
            answer = await change_coming(visitor, merchant_id, ids["session"], comes=wish == "come")
        case "ask":
            if form.get("may_be_contacted") != "yes":
                return "may_be_contacted"
            body = {
                "merchant_id": str(merchant_id),
                "wish": form.get("wish", ""),
                "language": visitor.language,
                "half_days": [value for name, value in pairs if name == "half_days" and value in HALF_DAYS],
                "may_be_contacted": True,
            }
            answer = await visitor.write(
                "POST", "assessment", REQUESTS, body, attempt=form.get("attempt") or "ask"
            )
        case "withdraw":
            answer = await visitor.write("DELETE", "assessment", f"{REQUESTS}/{ids['request']}")
        case "join":
            path = f"/api/v1/coaching-groups/{ids['group']}/seats"
            answer = await visitor.write("POST", "assessment", path, {"request_id": str(ids["request"])})
        case "accept":
            answer = await visitor.write("POST", "assessment", f"{SEATS}/{ids['seat']}/acceptance")
        case "leave":
            answer = await visitor.write("DELETE", "assessment", f"{SEATS}/{ids['seat']}")
        case _:
            return "refused"
    return None if answer.status in {200, 201, 204} else fault_of(answer)


async def _page(
    door: Door,
    visitor: Visitor,
    merchant_id: UUID,
    now: datetime,
    *,
    fault: str | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    merchant = str(merchant_id)
    head, asked, offered, groups, seats = await asyncio.gather(
        frame(visitor, merchant_id),
        visitor.found("assessment", REQUESTS, merchant=merchant),
        visitor.part("assessment", "/api/v1/trainings"),
        visitor.part("assessment", "/api/v1/coaching-groups/open", merchant=merchant),
        visitor.part("assessment", SEATS, merchant=merchant),
    )
    if asked is None:
        return door.renderer.not_there(visitor.reader)
    sessions = await coming(visitor, merchant_id, head["shop"], now)
    own = [each for each in items(seats) or () if each["state"] in {"waiting", "offered", "taken"}]
    known = {each["group"]["id"] for each in own}
    free = items(groups)
    shown: dict[str, Any] = {
        "asked": [each for each in asked["items"] if not each["withdrawn_at"]],
        "sessions": sessions,
        "offered": items(offered),
        "groups": None if free is None else [each for each in free if each["id"] not in known],
        "seats": items(seats),
        "half_days": HALF_DAYS,
        "attempt": new_id(),
        "fault": fault,
        "typed": typed or {},
    }
    status = 422 if fault else 200
    return door.page("merchant/trainings.html", visitor.reader, status, **head, **shown)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
