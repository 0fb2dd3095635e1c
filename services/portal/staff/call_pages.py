"""The call list: who asked for a visit or a training, whom to call, and that it was done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import Answer, NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import attached
from services.portal.staff.calls import CALL_LIST, AskedCalls, read_calls, read_trainings
from services.portal.staff.entrance import CONSULTANT, OFFICER, Me, page
from services.portal.staff.own_towns import own_towns
from services.portal.staff.town_sessions import read_shops
from services.portal.visitors import Door, Visitor, fault_of, see_other

Cursor = Annotated[str | None, Query(max_length=500)]
Word = Annotated[str, Query(max_length=100)]


async def _asked(
    *,
    city: UUID | None = None,
    wish: Word = "",
    speaks: Word = "",
    dimension: Word = "",
    contacts: bool = False,
    due: bool = False,
) -> AskedCalls:
    return AskedCalls(city, wish, speaks, dimension, contacts, due)


Asked = Annotated[AskedCalls, Depends(_asked)]


def router(door: Door) -> APIRouter:
    """For consultants, and for officers of the city, who see no shop's weakness."""
    routes = APIRouter(prefix="/desk/calls", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_calls(reader: Reader, request: Request, asked: Asked, cursor: Cursor = None) -> Response:
        """Who asked first, first; names and telephone numbers on request, which the directory notes."""

        async def work(visitor: Visitor) -> Response:
            return await _shown(door, visitor, asked, cursor)

        return await door.enter(request, reader, work)

    @routes.post("", dependencies=[OF_THIS_SITE])
    async def note(reader: Reader, request: Request, asked: Asked) -> Response:
        """What came of a call; or that somebody came by, or the training was given."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            answer = await _noted(visitor, form)
            if answer.status in {401, 403, 404}:
                raise NotThere(f"assessment: HTTP {answer.status}")
            if answer.status == 422:
                fault = fault_of(answer)
                return await _shown(door, visitor, asked, None, form=form, fault=fault)
            # 409: it was served or withdrawn meanwhile, and is off the list all the same.
            return see_other(f"{reader.path}?{asked.query}", reader)

        return await door.enter(request, reader, work)

    @routes.get("/calls.csv")
    async def give_file(reader: Reader, request: Request, asked: Asked) -> Response:
        """All of them for a spreadsheet."""

        async def work(visitor: Visitor) -> Response:
            path = f"{CALL_LIST}.csv?{urlencode(asked.as_asked())}"
            content = await door.neighbours.paper("assessment", path, visitor.session.token)
            if content is None:
                raise NotThere("assessment: no call list")
            return attached(content, "calls.csv", "text/csv; charset=utf-8")

        return await door.enter(request, reader, work)

    return routes


async def _noted(visitor: Visitor, form: Mapping[str, str]) -> Answer:
    try:
        path = f"/api/v1/training-requests/{UUID(form.get('request', ''))}"
    except ValueError:
        raise NotThere("no request") from None
    if form.get("do") != "call":
        return await visitor.write("PUT", "assessment", f"{path}/served")
    body = {"outcome": form.get("outcome", ""), "next_on": form.get("next_on", "").strip() or None}
    return await visitor.write("PUT", "assessment", f"{path}/call", body)


async def _shown(
    door: Door,
    visitor: Visitor,
    asked: AskedCalls,
    cursor: str | None,
    *,
    form: Mapping[str, str] | None = None,
    fault: str = "",
) -> Response:
    me, towns, trainings = await asyncio.gather(
        visitor.shaped(Me, "directory", "/api/v1/people/me"),
        own_towns(visitor, CONSULTANT, OFFICER),
        part(read_trainings(visitor)),
    )
    if asked.city is None and len(towns) == 1:
        asked = replace(asked, city=towns[0].id)
    is_consultant = any(each.role == CONSULTANT and each.city_id in (None, asked.city) for each in me.grants)
    if not is_consultant:  # where a shop is weak is between it and its consultants
        asked = replace(asked, dimension="")
    calls = await read_calls(visitor, asked, cursor) if asked.city else None
    shops = await read_shops(visitor, [each.merchant_id for each in calls.items]) if calls else {}
    shown: dict[str, Any] = {
        "towns": towns,
        "trainings": trainings or {},
        "asked": asked,
        "calls": calls,
        "shops": shops,
        "is_first": cursor is None,
        "is_consultant": is_consultant,
        "typed": form or {},
        "fault": fault,
        "place": f"{asked.query}&" if asked.query else "",
    }
    chosen = next((each for each in towns if each.id == asked.city), None)
    answer = page(door, "calls.html", visitor, city=chosen, **shown)
    answer.status_code = 422 if fault else 200
    return answer
