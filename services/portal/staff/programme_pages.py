"""A consultant's programme: what is planned, held and missing in which town; planned, and planned anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.staff.entrance import CONSULTANT, Me, page
from services.portal.staff.own_towns import own_towns, read_cities
from services.portal.staff.programmes import PROGRAMMES, TOWN, Programme, Programmes, plan
from services.portal.visitors import Door, Visitor, see_other

MOST_FIELDS = 700
"""Of a plan: one for each town of the country, and a few more."""
Done = Annotated[Literal["planned"] | None, Query()]


def router(door: Door) -> APIRouter:
    """For consultants."""
    routes = APIRouter(prefix="/desk/programme", include_in_schema=False, dependencies=[PUBLIC])
    _add_newest(routes, door)
    _add_new(routes, door)
    _add_one(routes, door)
    return routes


def _add_newest(routes: APIRouter, door: Door) -> None:
    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_newest(reader: Reader, request: Request) -> Response:
        """The newest one, with the way to the others."""

        async def work(visitor: Visitor) -> Response:
            known = await visitor.shaped(Programmes, "assessment", PROGRAMMES, limit=50)
            newest = known.items[0].id if known.items else None
            return await _shown(door, visitor, newest, known)

        return await door.enter(request, reader, work)


def _add_new(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/new", methods=["GET", "HEAD"])
    async def show_plan(reader: Reader, request: Request) -> Response:
        """Its name, its days, and how many sessions in which town."""
        return await door.enter(request, reader, lambda visitor: _form(door, visitor, {}))

    @routes.post("/new", dependencies=[OF_THIS_SITE])
    async def plan_programme(reader: Reader, request: Request) -> Response:
        """Plan it."""
        return await _planned(door, request, reader, None)


def _add_one(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/{programme_id}", methods=["GET", "HEAD"])
    async def show_programme(
        programme_id: UUID, reader: Reader, request: Request, done: Done = None
    ) -> Response:
        """One of them: the figures of all its towns, and of each."""

        async def work(visitor: Visitor) -> Response:
            known = await visitor.shaped(Programmes, "assessment", PROGRAMMES, limit=50)
            return await _shown(door, visitor, programme_id, known, done)

        return await door.enter(request, reader, work)

    @routes.api_route("/{programme_id}/plan", methods=["GET", "HEAD"])
    async def show_change(programme_id: UUID, reader: Reader, request: Request) -> Response:
        """The form with what is planned."""

        async def work(visitor: Visitor) -> Response:
            known = await visitor.shaped(Programme, "assessment", f"{PROGRAMMES}/{programme_id}")
            typed = {"name": known.name, "version": str(known.version)}
            typed |= {name: getattr(known, name).isoformat() for name in ("starts_on", "ends_on")}
            typed |= {f"{TOWN}{town.city_id}": str(town.planned) for town in known.towns}
            return await _form(door, visitor, typed)

        return await door.enter(request, reader, work)

    @routes.post("/{programme_id}/plan", dependencies=[OF_THIS_SITE])
    async def change_programme(programme_id: UUID, reader: Reader, request: Request) -> Response:
        """Plan it anew."""
        return await _planned(door, request, reader, programme_id)


async def _planned(door: Door, request: Request, reader: Reader, replaced: UUID | None) -> Response:
    form = await form_of(request, MOST_FIELDS)

    async def work(visitor: Visitor) -> Response:
        planned, fault = await plan(visitor, form, replaced)
        if planned is None:
            return await _form(door, visitor, form, fault)
        return see_other(f"/desk/programme/{planned}", reader, done="planned")

    return await door.enter(request, reader, work)


async def _form(door: Door, visitor: Visitor, form: Mapping[str, str], fault: str = "") -> Response:
    towns = await own_towns(visitor, CONSULTANT)
    told: dict[str, Any] = {"towns": towns, "form": form, "fault": fault, "attempt": new_id()}
    answer = page(door, "programme_plan.html", visitor, prefix=TOWN, **told)
    answer.status_code = 422 if fault else 200
    return answer


async def _shown(
    door: Door,
    visitor: Visitor,
    programme_id: UUID | None,
    known: Programmes,
    done: str | None = None,
) -> Response:
    if not (await visitor.shaped(Me, "directory", "/api/v1/people/me")).has(CONSULTANT):
        raise NotThere("no consultant")
    programme = None
    if programme_id is not None:
        programme = await visitor.shaped(Programme, "assessment", f"{PROGRAMMES}/{programme_id}")
    cities = await part(read_cities(visitor)) if programme else None
    names = {city.id: city.called(visitor.language) for city in cities or ()}
    others = [each for each in known.items if each.id != programme_id]
    return page(door, "programme.html", visitor, programme=programme, names=names, others=others, done=done)
