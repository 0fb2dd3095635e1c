"""Coaching groups: those of a town, one that could be made, and one with who is in it, in line, and came."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import pairs_of
from chassis.http import Now
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import attached
from services.portal.shops import read_city
from services.portal.staff.calls import AskedCalls, read_calls, read_trainings
from services.portal.staff.entrance import CONSULTANT, page
from services.portal.staff.groups import (
    GROUPS,
    LINE,
    PROPOSALS,
    Group,
    Groups,
    Proposals,
    change,
    fields_of,
    hours_of,
    make,
)
from services.portal.staff.own_towns import own_towns
from services.portal.staff.town_sessions import read_shops
from services.portal.visitors import Door, Visitor, see_other

MOST_FIELDS = 120
Cursor = Annotated[str | None, Query(max_length=500)]
Word = Annotated[str, Query(max_length=20)]
Requests = Annotated[list[UUID] | None, Query(max_length=50)]


def router(door: Door) -> APIRouter:
    """For consultants."""
    routes = APIRouter(prefix="/desk/groups", include_in_schema=False, dependencies=[PUBLIC])
    _add_all(routes, door)
    _add_new(routes, door)
    _add_one(routes, door)
    return routes


def _add_all(routes: APIRouter, door: Door) -> None:
    @routes.api_route("", methods=["GET", "HEAD"])
    async def list_groups(
        reader: Reader, request: Request, city: UUID | None = None, cursor: Cursor = None
    ) -> Response:
        """Those of a town, and which could be made of those who asked."""

        async def work(visitor: Visitor) -> Response:
            towns = await own_towns(visitor, CONSULTANT)
            chosen = next((each for each in towns if each.id == city), None)
            if chosen is None and len(towns) == 1:
                chosen = towns[0]
            groups: Groups | None = None
            proposals: Proposals | None = None
            if chosen:
                asked: dict[str, str | int | None] = {"city": str(chosen.id), "limit": 50, "cursor": cursor}
                groups, proposals = await asyncio.gather(
                    visitor.shaped(Groups, "assessment", GROUPS, **asked),
                    part(visitor.shaped(Proposals, "assessment", PROPOSALS, city=str(chosen.id))),
                )
            shown: dict[str, Any] = {"towns": towns, "groups": groups, "proposals": proposals}
            place = f"city={chosen.id}&" if chosen else ""
            is_first = cursor is None
            return page(door, "groups.html", visitor, city=chosen, is_first=is_first, place=place, **shown)

        return await door.enter(request, reader, work)


def _add_new(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/new", methods=["GET", "HEAD"])
    async def show_new(
        *,
        reader: Reader,
        request: Request,
        now: Now,
        city: UUID,
        dimension: Word = "",
        speaks: Word = "",
        half_day: Word = "",
        requests: Requests = None,
    ) -> Response:
        """What it is about, when and where, and who is in it; a proposal has it filled in already."""
        typed = {"dimension": dimension, "speaks": speaks, **hours_of(half_day, now().date())}
        pairs = [*typed.items(), *(("requests", str(each)) for each in requests or ())]
        return await door.enter(request, reader, lambda visitor: _new(door, visitor, city, pairs))

    @routes.post("/new", dependencies=[OF_THIS_SITE])
    async def make_group(reader: Reader, request: Request, city: UUID) -> Response:
        """Put it together; nobody hears of it before its seats are offered."""
        pairs = await pairs_of(request, MOST_FIELDS)

        async def work(visitor: Visitor) -> Response:
            made, fault = await make(visitor, city, pairs)
            if made is None:
                return await _new(door, visitor, city, pairs, fault)
            return see_other(f"/desk/groups/{made}", reader)

        return await door.enter(request, reader, work)


async def _new(
    door: Door, visitor: Visitor, city_id: UUID, pairs: Sequence[tuple[str, str]], fault: str = ""
) -> Response:
    calls, city, trainings = await asyncio.gather(
        read_calls(visitor, AskedCalls(city_id)),
        part(read_city(door.neighbours, city_id)),
        part(read_trainings(visitor)),
    )
    shops = await read_shops(visitor, [each.merchant_id for each in calls.items])
    answer = page(
        door,
        "group_new.html",
        visitor,
        city=city,
        askers=calls.items,
        shops=shops,
        trainings=trainings or {},
        form=dict(pairs),
        chosen={value for name, value in pairs if name == "requests"},
        fault=fault,
        attempt=new_id(),
        place=f"city={city_id}&",
    )
    answer.status_code = 422 if fault else 200
    return answer


def _add_one(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/{group_id}", methods=["GET", "HEAD"])
    async def show_group(group_id: UUID, reader: Reader, request: Request, now: Now) -> Response:
        """Who is in it and in line, and what there is to do."""
        return await door.enter(request, reader, lambda visitor: _group(door, visitor, group_id, now()))

    @routes.post("/{group_id}", dependencies=[OF_THIS_SITE])
    async def change_group(group_id: UUID, reader: Reader, request: Request, now: Now) -> Response:
        """Its time, place and line; offered, formed, called off; and who came."""
        pairs = await pairs_of(request, MOST_FIELDS)

        async def work(visitor: Visitor) -> Response:
            fault = await change(visitor, group_id, pairs)
            if fault:
                return await _group(door, visitor, group_id, now(), fault=fault, form=dict(pairs))
            return see_other(f"/desk/groups/{group_id}", reader)

        return await door.enter(request, reader, work)

    @routes.get("/{group_id}/group.ics")
    async def give_calendar(group_id: UUID, reader: Reader, request: Request) -> Response:
        """For the consultant's own calendar."""

        async def work(visitor: Visitor) -> Response:
            path = f"{GROUPS}/{group_id}/calendar?language={reader.language}"
            file = await door.neighbours.paper("assessment", path, visitor.session.token)
            if file is None:
                raise NotThere("assessment: no calendar")
            return attached(file, "group.ics", "text/calendar; charset=utf-8")

        return await door.enter(request, reader, work)


async def _group(
    door: Door,
    visitor: Visitor,
    group_id: UUID,
    now: datetime,
    *,
    fault: str = "",
    form: Mapping[str, str] | None = None,
) -> Response:
    group = await visitor.shaped(Group, "assessment", f"{GROUPS}/{group_id}")
    calls, city, trainings = await asyncio.gather(
        part(read_calls(visitor, AskedCalls(group.city_id))),
        part(read_city(door.neighbours, group.city_id)),
        part(read_trainings(visitor)),
    )
    known = {each.request_id for each in group.in_it()}
    askers = [each for each in calls.items if each.id not in known] if calls else []
    concerned = [each.merchant_id for each in group.seats] + [each.merchant_id for each in askers]
    shops = await read_shops(visitor, concerned)
    typed = form if form and form.get("do") == "revise" else fields_of(group)
    answer = page(
        door,
        "group.html",
        visitor,
        city=city,
        group=group,
        askers=askers,
        shops=shops,
        trainings=trainings or {},
        form=typed,
        fault=fault,
        has_begun=now >= group.starts_at,
        line=LINE,
    )
    answer.status_code = 422 if fault else 200
    return answer
