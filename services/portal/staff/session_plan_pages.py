"""A session is announced, and announced anew: what it is about, where, when, and for how many."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import part
from services.portal.reader import Reader
from services.portal.staff.calls import read_trainings
from services.portal.staff.entrance import CONSULTANT, page
from services.portal.staff.own_towns import own_towns
from services.portal.staff.town_sessions import SESSIONS, TownSession, announce, fields_of, revise
from services.portal.visitors import Door, Visitor, see_other


def router(door: Door) -> APIRouter:
    """For consultants."""
    routes = APIRouter(prefix="/desk/sessions", include_in_schema=False, dependencies=[PUBLIC])
    _add_new(routes, door)
    _add_change(routes, door)
    return routes


def _add_new(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/new", methods=["GET", "HEAD"])
    async def show_form(reader: Reader, request: Request, city: UUID | None = None) -> Response:
        """Where, when, for how many; `city` has its town chosen already."""
        chosen = {"city_id": str(city or "")}
        return await door.enter(request, reader, lambda visitor: _form(door, visitor, chosen))

    @routes.post("/new", dependencies=[OF_THIS_SITE])
    async def announce_session(reader: Reader, request: Request) -> Response:
        """Announce it; merchants of the town can register from then on."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            new, fault = await announce(visitor, form)
            if new is None:
                return await _form(door, visitor, form, fault or "")
            return see_other(f"/desk/sessions/{new}", reader, done="announced")

        return await door.enter(request, reader, work)


def _add_change(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/{session_id}/plan", methods=["GET", "HEAD"])
    async def show_change(session_id: UUID, reader: Reader, request: Request) -> Response:
        """The form with what is announced."""

        async def work(visitor: Visitor) -> Response:
            session = await visitor.shaped(TownSession, "assessment", f"{SESSIONS}/{session_id}")
            return await _form(door, visitor, fields_of(session))

        return await door.enter(request, reader, work)

    @routes.post("/{session_id}/plan", dependencies=[OF_THIS_SITE])
    async def change_session(session_id: UUID, reader: Reader, request: Request) -> Response:
        """Another time or place; who is registered stays so."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            fault = await revise(visitor, session_id, form)
            if fault:
                return await _form(door, visitor, form, fault)
            return see_other(f"/desk/sessions/{session_id}", reader, done="changed")

        return await door.enter(request, reader, work)


async def _form(door: Door, visitor: Visitor, form: Mapping[str, str], fault: str = "") -> Response:
    cities, trainings = await asyncio.gather(own_towns(visitor, CONSULTANT), part(read_trainings(visitor)))
    told: dict[str, Any] = {"cities": cities, "form": form, "fault": fault, "attempt": new_id()}
    answer = page(door, "session_new.html", visitor, trainings=trainings or {}, **told)
    answer.status_code = 422 if fault else 200
    return answer
