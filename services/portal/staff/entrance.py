"""Where staff begin: the cities they run, and what else their roles are for; and what their pages share."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from services.portal.city_colours import hue_of
from services.portal.neighbours import part
from services.portal.reader import Reader
from services.portal.shops import City, read_city
from services.portal.visitors import Door, Visitor

OFFICER, ASSOCIATION = "city_officer", "association_officer"
CONSULTANT, OPERATOR = "consultant", "operator"


class Grant(Struct):
    role: str
    city_id: UUID | None = None
    district_id: UUID | None = None


class Me(Struct):
    grants: list[Grant]

    def cities(self, role: str) -> list[UUID]:
        """Where they have that role, each once."""
        found = [each.city_id for each in self.grants if each.role == role and each.city_id is not None]
        return list(dict.fromkeys(found))

    def districts(self, city_id: UUID) -> list[UUID]:
        """Of that city, those that they are an association's officer of."""
        found = [each for each in self.grants if each.role == ASSOCIATION and each.city_id == city_id]
        return [each.district_id for each in found if each.district_id is not None]

    def has(self, role: str) -> bool:
        return any(each.role == role for each in self.grants)


def page(door: Door, template: str, visitor: Visitor, *, city: City | None = None, **shown: Any) -> Response:
    """A page of staff, in the colours of the city that it is about."""
    hue = hue_of(city.nis_code) if city else None
    return door.page(f"staff/{template}", visitor.reader, city=city, hue=hue, **shown)


def router(door: Door) -> APIRouter:
    """The page to begin at."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/desk", methods=["GET", "HEAD"])
    async def show_desk(reader: Reader, request: Request) -> Response:
        """One door for each of one's roles."""

        async def work(visitor: Visitor) -> Response:
            me = await visitor.shaped(Me, "directory", "/api/v1/people/me")
            ids = me.cities(OFFICER)
            districts_in = [each for each in me.cities(ASSOCIATION) if me.districts(each)]
            named = await asyncio.gather(
                *[part(read_city(door.neighbours, each)) for each in (*ids, *districts_in)]
            )
            return page(
                door,
                "entrance.html",
                visitor,
                cities=list(zip(ids, named, strict=False)),
                associations=list(zip(districts_in, named[len(ids) :], strict=True)),
                is_consultant=me.has(CONSULTANT),
                is_operator=me.has(OPERATOR),
            )

        return await door.enter(request, reader, work)

    return routes
