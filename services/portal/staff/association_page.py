"""Where an association's officers begin: their districts of a city, and the campaigns that run there."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.shops import read_city
from services.portal.staff.entrance import OFFICER, page
from services.portal.staff.planning.step_pages import read_districts
from services.portal.staff.shop_desk import must_run
from services.portal.visitors import Door, Visitor


class Campaign(Struct):
    id: UUID
    name: str
    state: str
    starts_at: datetime
    ends_at: datetime
    district_ids: list[UUID]


class Campaigns(Struct):
    items: list[Campaign]


def router(door: Door) -> APIRouter:
    """For an association's officers."""
    routes = APIRouter(prefix="/desk/cities/{city_id}", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/association", methods=["GET", "HEAD"])
    async def show_association(city_id: UUID, reader: Reader, request: Request) -> Response:
        """Each district with what can be done for it; campaigns of their own, and those of the whole city."""

        async def work(visitor: Visitor) -> Response:
            me, districts, campaigns, city = await asyncio.gather(
                must_run(visitor, city_id),
                part(read_districts(visitor, city_id)),
                part(
                    visitor.shaped(Campaigns, "campaigns", "/api/v1/campaigns", city=str(city_id), limit=100)
                ),
                part(read_city(door.neighbours, city_id)),
            )
            own = set(me.districts(city_id))
            if not own:
                raise NotThere("no association's officer")
            told: dict[str, Any] = {"city_id": city_id, "is_officer": city_id in me.cities(OFFICER)}
            told["districts"] = None if districts is None else [each for each in districts if each.id in own]
            told["campaigns"] = (
                None
                if campaigns is None
                else [
                    (each, bool(each.district_ids) and own.issuperset(each.district_ids))
                    for each in campaigns.items
                    if not each.district_ids or own.intersection(each.district_ids)
                ]
            )
            return page(door, "association.html", visitor, city=city, **told)

        return await door.enter(request, reader, work)

    return routes
