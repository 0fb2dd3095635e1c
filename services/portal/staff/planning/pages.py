"""Pages of who plans a campaign: how it begins, its steps, and the overview from where it is published."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from chassis.forms import pairs_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.shops import read_city
from services.portal.staff.entrance import OFFICER, Me, page
from services.portal.staff.planning.analysis import add_analysis
from services.portal.staff.planning.asks import add_asks
from services.portal.staff.planning.campaign import CAMPAIGNS, ENDED, Refusal, move, read_plan, refusal_of
from services.portal.staff.planning.chosen_shops import add_chosen_shops
from services.portal.staff.planning.shared import add_cities
from services.portal.staff.planning.step_pages import MOST_FIELDS, add_steps, open_steps, read_districts
from services.portal.staff.planning.steps import ids_ticked, local_day, moment_of
from services.portal.towns import Towns
from services.portal.visitors import Door, Visitor, see_other
from services.portal.wording import LANGUAGES

Done = Annotated[Literal["begun", "saved", "schedule", "start", "end", "evaluate"] | None, Query()]
_BEGINS_IN = timedelta(days=14)
_EMPTY = "empty"
_MOVES = ("schedule", "start", "end")


class Template(Struct):
    key: str
    name: str
    description: str
    days: int
    question: str | None = None


def router(door: Door, towns: Towns) -> APIRouter:
    """For officers of a city, and of an association in its districts."""
    routes = APIRouter(prefix="/desk/campaigns", include_in_schema=False, dependencies=[PUBLIC])
    _add_overview(routes, door)
    add_asks(routes, door)
    add_chosen_shops(routes, door)
    add_analysis(routes, door)
    add_cities(routes, door)
    add_steps(routes, door, towns)
    return routes


def beginning(door: Door) -> APIRouter:
    """Where a campaign begins: with the city that it is of."""
    routes = APIRouter(prefix="/desk/cities/{city_id}", include_in_schema=False, dependencies=[PUBLIC])

    async def shown(
        visitor: Visitor, city_id: UUID, form: Mapping[str, str], faults: Mapping[str, str]
    ) -> Response:
        me = await visitor.shaped(Me, "directory", "/api/v1/people/me")
        is_officer = city_id in me.cities(OFFICER)
        own = set(me.districts(city_id))
        if not is_officer and not own:
            raise NotThere("plans nothing here")
        templates, city, districts = await asyncio.gather(
            part(_templates(visitor)),
            part(read_city(door.neighbours, city_id)),
            part(read_districts(visitor, city_id)),
        )
        told: dict[str, Any] = {"form": form, "faults": faults, "attempt": new_id(), "city_id": city_id}
        told |= {"is_officer": is_officer, "templates": templates if is_officer else []}
        told["districts"] = [each for each in districts or [] if each.id in own]
        answer = page(door, "planning/begin.html", visitor, city=city, **told)
        answer.status_code = 422 if faults else 200
        return answer

    @routes.api_route("/campaigns/new", methods=["GET", "HEAD"])
    async def show_beginning(city_id: UUID, reader: Reader, request: Request) -> Response:
        """From what other towns did, or from nothing."""

        async def work(visitor: Visitor) -> Response:
            form = {"day": local_day(datetime.now(UTC) + _BEGINS_IN), "language": visitor.language}
            return await shown(visitor, city_id, form, {})

        return await door.enter(request, reader, work)

    @routes.post("/campaigns/new", dependencies=[OF_THIS_SITE])
    async def begin(city_id: UUID, reader: Reader, request: Request) -> Response:
        """A draft, which nobody sees but those who run it."""
        form = dict(await pairs_of(request, MOST_FIELDS))

        async def work(visitor: Visitor) -> Response:
            new, faults = await _begin(visitor, city_id, form)
            if new is None:
                return await shown(visitor, city_id, form, faults)
            return see_other(f"/desk/campaigns/{new}/edit/what", reader, done="begun")

        return await door.enter(request, reader, work)

    return routes


async def _templates(visitor: Visitor) -> list[Template]:
    answer = await visitor.read("campaigns", "/api/v1/campaign-templates")
    return msgspec.convert(answer.body.get("items", []), list[Template])


async def _begin(
    visitor: Visitor, city_id: UUID, form: Mapping[str, str]
) -> tuple[str | None, Mapping[str, str]]:
    starts = moment_of(form.get("day", ""), "09:00")
    own = form.get("language", "")
    name, districts = form.get("name", "").strip(), ids_ticked(form, "district-")
    template = form.get("template", _EMPTY)
    faults = {} if starts else {"day": "no-moment"}
    if own not in LANGUAGES:
        faults["language"] = "choose"
    if template == _EMPTY and not name:
        faults["name"] = "missing"
    if faults or starts is None:
        return None, faults
    languages = [own, *(each for each in LANGUAGES if each != own and form.get(f"in-{each}"))]
    body: dict[str, Any] = {"city_id": str(city_id), "starts_at": starts, "languages": languages}
    path = f"/api/v1/campaign-templates/{template}/drafts"
    if template == _EMPTY:
        ends = datetime.fromisoformat(starts) + timedelta(days=31)
        body |= {"name": name, "ends_at": ends.isoformat(), "district_ids": districts}
        path = CAMPAIGNS
    elif not template.replace("-", "").isalnum():
        return None, {"template": "choose"}
    answer = await visitor.write("POST", "campaigns", path, body, attempt=form.get("attempt", "") or "draft")
    refusal = refusal_of(answer)
    if refusal is not None:
        return None, refusal.faults
    return str(answer.body["id"]), {}


def _add_overview(routes: APIRouter, door: Door) -> None:
    async def shown(visitor: Visitor, campaign_id: UUID, refusal: Refusal, done: str | None) -> Response:
        plan = await read_plan(visitor, campaign_id)
        campaign = plan.campaign
        districts = await part(read_districts(visitor, campaign.city_id))
        told: dict[str, Any] = {"campaign": campaign, "city_id": campaign.city_id, "history": plan.history}
        told |= {
            "refusal": refusal,
            "done": done,
            "step": "overview",
            "order": open_steps(plan),
        }
        told["districts"] = {each.id: each.name for each in districts or []}
        told["may_conclude"] = campaign.state == ENDED and plan.is_officer
        told["is_officer"] = plan.is_officer
        answer = page(door, "planning/overview.html", visitor, city=plan.city, **told)
        answer.status_code = 422 if refusal.faults else 200
        return answer

    @routes.api_route("/{campaign_id}/edit", methods=["GET", "HEAD"])
    async def show_plan(campaign_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """All of it to look over, and what can be done with it."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, campaign_id, Refusal(), done)

        return await door.enter(request, reader, work)

    @routes.post("/{campaign_id}/edit", dependencies=[OF_THIS_SITE])
    async def move_campaign(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """Announce it, start it, end it, or say what came of it."""
        form = dict(await pairs_of(request))

        async def work(visitor: Visitor) -> Response:
            wish = form.get("do", "")
            refusal: Refusal | None = Refusal({"": "refused"})
            if wish == "end" and form.get("sure") != "yes":
                refusal = Refusal({"sure": "not-sure"})
            elif wish in _MOVES:
                refusal = await move(visitor, campaign_id, wish, form.get("version", ""))
            elif wish == "evaluate":
                body = {"conclusion": form.get("conclusion", "").strip()}
                path = f"{CAMPAIGNS}/{campaign_id}/evaluate"
                refusal = refusal_of(await visitor.write("POST", "campaigns", path, body))
            if refusal is not None:
                return await shown(visitor, campaign_id, refusal, None)
            return see_other(reader.path, reader, done=wish)

        return await door.enter(request, reader, work)
