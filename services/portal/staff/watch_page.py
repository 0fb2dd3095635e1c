"""What is seen elsewhere of the shops of a city or of a district: beside our figures, never in them."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from services.portal.neighbours import part
from services.portal.reader import Reader
from services.portal.shops import Posts, read_city
from services.portal.staff.entrance import OFFICER, page
from services.portal.staff.planning.step_pages import read_districts
from services.portal.staff.shop_desk import must_run
from services.portal.visitors import Door, Visitor

_POSTS = 20


class Said(Struct):
    """Posts of one kind on a platform."""

    platform: str
    kind: str
    source: str
    posts: int
    new: int
    last_day: date


class Counted(Struct):
    """The last known figure on a platform, and how it moved."""

    platform: str
    measure: str
    figure: float
    scale: int | None
    day: date
    sources: list[str]
    shops: int
    moved: float | None
    compared: int


class Glance(Struct):
    since: date
    said: list[Said]
    counted: list[Counted]


def router(door: Door) -> APIRouter:
    """For officers of the city, and an association's for its districts."""
    routes = APIRouter(prefix="/desk/cities/{city_id}", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/elsewhere", methods=["GET", "HEAD"])
    async def show_glance(
        city_id: UUID, reader: Reader, request: Request, district: Annotated[UUID | None, Query()] = None
    ) -> Response:
        """The whole city, or one district."""

        async def work(visitor: Visitor) -> Response:
            me, districts, city = await asyncio.gather(
                must_run(visitor, city_id),
                part(read_districts(visitor, city_id)),
                part(read_city(door.neighbours, city_id)),
            )
            is_officer, own = city_id in me.cities(OFFICER), me.districts(city_id)
            wanted = district if district or is_officer else next(iter(own), None)
            asked = {"district": str(wanted)} if wanted else {"city": str(city_id)}
            path = "/api/v1/elsewhere"
            glance, posts = await asyncio.gather(
                visitor.shaped(Glance, "campaigns", f"{path}/glance", **asked),
                part(visitor.shaped(Posts, "campaigns", f"{path}/posts", limit=_POSTS, **asked)),
            )
            shown = [each for each in districts or [] if is_officer or each.id in own]
            told: dict[str, Any] = {"glance": glance, "posts": posts, "city_id": city_id}
            told |= {"districts": shown, "wanted": wanted, "is_officer": is_officer}
            return page(door, "elsewhere.html", visitor, city=city, **told)

        return await door.enter(request, reader, work)

    return routes
