"""Who has which role in a city, and whom it has invited to one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import part
from services.portal.reader import Reader
from services.portal.shops import read_city
from services.portal.staff.entrance import ASSOCIATION, page
from services.portal.staff.planning.step_pages import read_districts
from services.portal.visitors import Door, Visitor, fault_of, see_other

INVITABLE = ("city_officer", "consultant", ASSOCIATION)
"""What a city gives by this page, an association's for one district; shops give theirs where they are."""
Done = Annotated[Literal["invited", "withdrawn"] | None, Query()]
Cursor = Annotated[str | None, Query(max_length=500)]


class RoleHeld(Struct):
    role: str
    display_name: str | None
    email: str | None
    granted_at: datetime


class RolesHeld(Struct):
    items: list[RoleHeld]
    next: str | None = None


class Invitation(Struct):
    id: UUID
    role: str
    email: str | None
    state: str
    expires_at: datetime


class Invitations(Struct):
    items: list[Invitation]


def router(door: Door) -> APIRouter:
    """For officers of the city."""
    routes = APIRouter(prefix="/desk/cities/{city_id}/people", include_in_schema=False, dependencies=[PUBLIC])

    async def shown(visitor: Visitor, city_id: UUID, cursor: str | None, **told: Any) -> Response:
        asked: dict[str, str | int | None] = {"limit": 50, "cursor": cursor}
        directory = f"/api/v1/cities/{city_id}"
        roles, invitations, districts, city = await asyncio.gather(
            visitor.shaped(RolesHeld, "directory", f"{directory}/roles", **asked),
            part(visitor.shaped(Invitations, "directory", f"{directory}/invitations", limit=50)),
            part(read_districts(visitor, city_id)),
            part(read_city(door.neighbours, city_id)),
        )
        told = {"done": None, "fault": None, "form": {}, **told, "attempt": new_id(), "city_id": city_id}
        answer = page(
            door,
            "people.html",
            visitor,
            city=city,
            roles=roles,
            invitations=invitations,
            districts=districts or [],
            is_first=not cursor,
            **told,
        )
        answer.status_code = 422 if told["fault"] else 200
        return answer

    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_people(
        *, city_id: UUID, reader: Reader, request: Request, cursor: Cursor = None, done: Done = None
    ) -> Response:
        """Who may do what there, and who was asked to."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, city_id, cursor, done=done)

        return await door.enter(request, reader, work)

    @routes.post("", dependencies=[OF_THIS_SITE])
    async def change_people(city_id: UUID, reader: Reader, request: Request) -> Response:
        """Invite somebody by mail, or take an invitation back."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if form.get("do") == "withdraw":
                done, fault = "withdrawn", await _withdraw(visitor, form.get("invitation", ""))
            else:
                done, fault = "invited", await _invite(visitor, city_id, form)
            if fault is not None:
                return await shown(visitor, city_id, None, fault=fault, form=form)
            return see_other(f"/desk/cities/{city_id}/people", reader, done=done)

        return await door.enter(request, reader, work)

    return routes


async def _invite(visitor: Visitor, city_id: UUID, form: Mapping[str, str]) -> str | None:
    """What hinders it, by the name of a field or of a refusal. Raises Unanswered."""
    if form.get("role") not in INVITABLE:
        return "role"
    body: dict[str, Any] = {
        "role": form["role"],
        "email": form.get("email", "").strip(),
        "language": form.get("language", visitor.language),
        "city_id": str(city_id),
    }
    if form["role"] == ASSOCIATION:
        if not form.get("district"):
            return "district"
        body["district_id"] = form["district"]
    attempt = form.get("attempt", "") or "invitation"
    answer = await visitor.write("POST", "directory", "/api/v1/invitations", body, attempt=attempt)
    return fault_of(answer) if answer.status >= 400 else None


async def _withdraw(visitor: Visitor, invitation: str) -> str | None:
    try:
        path = f"/api/v1/invitations/{UUID(invitation)}"
    except ValueError:
        return "refused"
    answer = await visitor.write("DELETE", "directory", path)
    return fault_of(answer) if answer.status >= 400 else None
