"""A campaign of several cities: one runs it and invites, each of the others answers for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, Unanswered, part
from services.portal.reader import Reader
from services.portal.shops import read_city
from services.portal.staff.dashboards import Campaign
from services.portal.staff.entrance import OFFICER, Me, page
from services.portal.staff.planning.campaign import CAMPAIGNS
from services.portal.towns import Cities
from services.portal.visitors import Door, Visitor, see_other

Done = Annotated[Literal["invite", "take-back", "accept", "decline"] | None, Query()]


class Invited(Struct):
    """A city that was asked to take part; `accepted` is None while it has not answered."""

    city_id: UUID
    invited_at: datetime
    accepted: bool | None


def add_cities(routes: APIRouter, door: Door) -> None:
    """One page, for officers of all these cities."""

    async def shown(visitor: Visitor, campaign_id: UUID, fault: bool, done: str | None) -> Response:
        path = f"{CAMPAIGNS}/{campaign_id}"
        me, campaign, answer, all_cities = await asyncio.gather(
            visitor.shaped(Me, "directory", "/api/v1/people/me"),
            visitor.shaped(Campaign, "campaigns", path),
            visitor.send("GET", "campaigns", f"{path}/cities"),
            part(visitor.shaped(Cities, "directory", "/api/v1/cities", limit=100)),
        )
        if answer.status != 200:
            raise NotThere(f"campaigns: HTTP {answer.status}")
        try:
            invited = msgspec.convert(answer.body.get("items", []), list[Invited])
        except msgspec.ValidationError as error:
            raise Unanswered(f"campaigns: {error}") from error
        own = set(me.cities(OFFICER))
        named = {each.id: each for each in all_cities.items} if all_cities else {}
        told: dict[str, Any] = {"campaign": campaign, "invited": invited, "named": named, "own": own}
        told |= {"may_invite": campaign.city_id in own, "city_id": campaign.city_id, "done": done}
        taken = {campaign.city_id, *(each.city_id for each in invited)}
        told |= {"free": [each for each in named.values() if each.id not in taken], "fault": fault}
        city = await part(read_city(visitor.neighbours, campaign.city_id))
        page_of = page(door, "planning/cities.html", visitor, city=city, **told)
        page_of.status_code = 422 if fault else 200
        return page_of

    @routes.api_route("/{campaign_id}/cities", methods=["GET", "HEAD"])
    async def show_cities(campaign_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """Who takes part, who was asked, and what one's own city answers."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, campaign_id, fault=False, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/{campaign_id}/cities", dependencies=[OF_THIS_SITE])
    async def change_cities(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """Invite a city, do without it, or answer for one's own."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if not await _change(visitor, campaign_id, form):
                return await shown(visitor, campaign_id, fault=True, done=None)
            return see_other(reader.path, reader, done=form["do"])

        return await door.enter(request, reader, work)


async def _change(visitor: Visitor, campaign_id: UUID, form: Mapping[str, str]) -> bool:
    """Whether it is done. Raises NotThere, Unanswered."""
    try:
        path = f"{CAMPAIGNS}/{campaign_id}/cities/{UUID(form.get('city', ''))}"
    except ValueError:
        return False
    match form.get("do"):
        case "invite":
            answer = await visitor.write("PUT", "campaigns", path)
        case "take-back":
            answer = await visitor.write("DELETE", "campaigns", path)
        case "accept" | "decline" as wish:
            body = {"accepted": wish == "accept"}
            answer = await visitor.write("PUT", "campaigns", f"{path}/answer", body)
        case _:
            return False
    if answer.status in (401, 403, 404):
        raise NotThere(f"campaigns: HTTP {answer.status}")
    return answer.status < 400
