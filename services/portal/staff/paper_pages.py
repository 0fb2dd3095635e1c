"""Forms on paper of a session: entered one after the other by keyboard alone, or many as rows of a sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import attached
from services.portal.staff.entrance import page
from services.portal.staff.paper import (
    ASKED,
    Looked,
    Paper,
    enter_form,
    enter_sheet,
    look_at_sheet,
    path_of,
)
from services.portal.staff.town_sessions import SESSIONS, Registrations, TownSession, read_shops
from services.portal.visitors import Door, Visitor, see_other

MOST_FIELDS = 130
"""Of a form: a questionnaire has a hundred questions at most."""
At = Annotated[str, Query(pattern=r"^(\d\d:\d\d)?$")]
Entered = Annotated[int, Query(ge=0, le=500)]


def router(door: Door) -> APIRouter:
    """For consultants of the session's city."""
    prefix = "/desk/sessions/{session_id}/paper"
    routes = APIRouter(prefix=prefix, include_in_schema=False, dependencies=[PUBLIC])
    _add_forms(routes, door)
    _add_sheet(routes, door)
    return routes


def _add_forms(routes: APIRouter, door: Door) -> None:
    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_form(
        session_id: UUID, reader: Reader, request: Request, at: At = "", entered: Entered = 0
    ) -> Response:
        """An empty form, with the time of the last one."""

        async def work(visitor: Visitor) -> Response:
            session, paper = await _read(visitor, session_id)
            return await _form(door, visitor, session, paper, {"at": at} if at else {}, entered=entered)

        return await door.enter(request, reader, work)

    @routes.post("", dependencies=[OF_THIS_SITE])
    async def enter_one(session_id: UUID, reader: Reader, request: Request) -> Response:
        """Enter it, and go on to the next."""
        form = await form_of(request, MOST_FIELDS)

        async def work(visitor: Visitor) -> Response:
            session, paper = await _read(visitor, session_id)
            faults = await enter_form(visitor, session, paper, form)
            if faults:
                return await _form(door, visitor, session, paper, form, faults=faults)
            return see_other(reader.path, reader, at=form.get("at", ""), entered="1")

        return await door.enter(request, reader, work)


def _add_sheet(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/sheet", methods=["GET", "HEAD"])
    async def show_sheet(session_id: UUID, reader: Reader, request: Request) -> Response:
        """Where rows of a sheet are put."""

        async def work(visitor: Visitor) -> Response:
            session, _ = await _read(visitor, session_id)
            return _sheet(door, visitor, session, "", Looked())

        return await door.enter(request, reader, work)

    @routes.post("/sheet", dependencies=[OF_THIS_SITE])
    async def import_sheet(session_id: UUID, reader: Reader, request: Request) -> Response:
        """First look what would come of them; then enter all of them."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            rows = form.get("rows", "")
            if form.get("do") == "enter":
                entered, looked = await enter_sheet(visitor, session_id, rows)
                if entered:
                    return see_other(f"/desk/sessions/{session_id}/paper", reader, entered=str(entered))
            looked = await look_at_sheet(visitor, session_id, rows)
            session = await visitor.shaped(TownSession, "assessment", f"{SESSIONS}/{session_id}")
            return _sheet(door, visitor, session, rows, looked)

        return await door.enter(request, reader, work)

    @routes.get("/template.csv")
    async def give_template(session_id: UUID, reader: Reader, request: Request) -> Response:
        """The sheet to fill in."""

        async def work(visitor: Visitor) -> Response:
            path = f"{path_of(session_id)}/template.csv?language={reader.language}"
            sheet = await door.neighbours.paper("assessment", path, visitor.session.token)
            if sheet is None:
                raise NotThere("assessment: no template")
            return attached(sheet, "forms.csv", "text/csv; charset=utf-8")

        return await door.enter(request, reader, work)


async def _read(visitor: Visitor, session_id: UUID) -> tuple[TownSession, Paper]:
    return await asyncio.gather(
        visitor.shaped(TownSession, "assessment", f"{SESSIONS}/{session_id}"),
        visitor.shaped(Paper, "assessment", path_of(session_id)),
    )


async def _form(
    door: Door,
    visitor: Visitor,
    session: TownSession,
    paper: Paper,
    form: Mapping[str, str],
    *,
    faults: Mapping[str, str] | None = None,
    entered: int = 0,
) -> Response:
    path = f"{SESSIONS}/{session.id}/registrations"
    registered = await part(visitor.shaped(Registrations, "assessment", path))
    shops = await read_shops(visitor, [each.merchant_id for each in registered.items] if registered else [])
    answer = page(
        door,
        "paper.html",
        visitor,
        session=session,
        paper=paper,
        form=form,
        faults=faults or {},
        entered=entered,
        shops=sorted(shops.values(), key=lambda shop: shop.title),
        asked=ASKED,
        attempt=form.get("attempt") or str(new_id()),
    )
    answer.status_code = 422 if faults else 200
    return answer


def _sheet(door: Door, visitor: Visitor, session: TownSession, rows: str, looked: Looked) -> Response:
    answer = page(door, "paper_sheet.html", visitor, session=session, rows=rows, looked=looked)
    is_refused = bool(looked.fault or (looked.preview and looked.preview.refused))
    answer.status_code = 422 if is_refused else 200
    return answer
