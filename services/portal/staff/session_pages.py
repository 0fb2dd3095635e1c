"""A consultant's sessions: all of them, a new one, one with who comes, and the screen of its room."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import SECURITY_HEADERS
from services.portal.shops import read_city
from services.portal.staff.entrance import CONSULTANT, Me, page
from services.portal.staff.town_sessions import (
    SESSIONS,
    Code,
    Registrations,
    TownSession,
    TownSessions,
    end,
    read_hall,
)
from services.portal.visitors import Door, Visitor, see_other

Cursor = Annotated[str | None, Query(max_length=500)]
Done = Annotated[Literal["announced", "changed", "held", "cancelled"] | None, Query()]
LastEvent = Annotated[str, Header(alias="Last-Event-ID", max_length=20)]


def router(door: Door) -> APIRouter:
    """For consultants."""
    routes = APIRouter(prefix="/desk/sessions", include_in_schema=False, dependencies=[PUBLIC])
    _add_all(routes, door)
    _add_one(routes, door)
    _add_room(routes, door)
    return routes


def _add_all(routes: APIRouter, door: Door) -> None:
    @routes.api_route("", methods=["GET", "HEAD"])
    async def list_sessions(
        reader: Reader, request: Request, city: UUID | None = None, cursor: Cursor = None
    ) -> Response:
        """Of all towns, or of one."""

        async def work(visitor: Visitor) -> Response:
            asked: dict[str, str | int | None] = {"limit": 50, "cursor": cursor}
            asked["city"] = None if city is None else str(city)
            me, sessions = await asyncio.gather(
                visitor.shaped(Me, "directory", "/api/v1/people/me"),
                visitor.shaped(TownSessions, "assessment", SESSIONS, **asked),
            )
            if not me.has(CONSULTANT):
                raise NotThere("no consultant")
            ids = list(dict.fromkeys(each.city_id for each in sessions.items))
            named = await asyncio.gather(*[part(read_city(door.neighbours, each)) for each in ids])
            cities = {each.id: each for each in named if each is not None}
            shown: dict[str, Any] = {"sessions": sessions, "cities": cities, "is_first": cursor is None}
            return page(door, "sessions.html", visitor, place=f"city={city}&" if city else "", **shown)

        return await door.enter(request, reader, work)


def _add_one(routes: APIRouter, door: Door) -> None:
    async def shown(visitor: Visitor, session_id: UUID, done: str | None, fault: bool) -> Response:
        session = await visitor.shaped(TownSession, "assessment", f"{SESSIONS}/{session_id}")
        registered, city, code = await asyncio.gather(
            visitor.shaped(Registrations, "assessment", f"{SESSIONS}/{session_id}/registrations"),
            part(read_city(door.neighbours, session.city_id)),
            part(visitor.shaped(Code, "assessment", f"{SESSIONS}/{session_id}/join")),
        )
        told: dict[str, Any] = {"session": session, "registered": registered.items, "code": code}
        told |= {"done": done, "fault": fault}
        answer = page(door, "session.html", visitor, city=city, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/{session_id}", methods=["GET", "HEAD"])
    async def show_session(session_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """Who registered, and what is to be done before, during and after it."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, session_id, done, fault=False)

        return await door.enter(request, reader, work)

    @routes.post("/{session_id}", dependencies=[OF_THIS_SITE])
    async def change_session(session_id: UUID, reader: Reader, request: Request) -> Response:
        """Note that it was held, or call it off."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if not await end(visitor, session_id, form):
                return await shown(visitor, session_id, None, fault=True)
            done = "cancelled" if form.get("do") == "cancel" else "held"
            return see_other(f"/desk/sessions/{session_id}", reader, done=done)

        return await door.enter(request, reader, work)


def _add_room(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/{session_id}/room", methods=["GET", "HEAD"])
    async def show_room(session_id: UUID, reader: Reader, request: Request) -> Response:
        """For the wall: how to take part, and how the room stands; live where a script runs."""

        async def work(visitor: Visitor) -> Response:
            session, code, hall = await asyncio.gather(
                visitor.shaped(TownSession, "assessment", f"{SESSIONS}/{session_id}"),
                visitor.shaped(Code, "assessment", f"{SESSIONS}/{session_id}/join"),
                read_hall(visitor, session_id),
            )
            city = await part(read_city(door.neighbours, session.city_id))
            return page(door, "room.html", visitor, city=city, session=session, code=code, hall=hall)

        return await door.enter(request, reader, work)

    @routes.get("/{session_id}/code.svg")
    async def show_code(session_id: UUID, reader: Reader, request: Request) -> Response:
        """The code that phones read."""

        async def work(visitor: Visitor) -> Response:
            path = f"{SESSIONS}/{session_id}/join.svg"
            picture = await door.neighbours.paper("assessment", path, visitor.session.token)
            if picture is None:
                raise NotThere("assessment: no code")
            headers = {**SECURITY_HEADERS, "Cache-Control": "private, no-store"}
            return Response(picture, headers=headers, media_type="image/svg+xml")

        return await door.enter(request, reader, work)

    @routes.get("/{session_id}/live")
    async def stream_room(session_id: UUID, request: Request, last: LastEvent = "") -> Response:
        """Each form that comes in."""
        return await door.stream(request, "assessment", f"{SESSIONS}/{session_id}/live", last)
