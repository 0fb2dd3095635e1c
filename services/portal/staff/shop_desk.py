"""The city's shops on the desk: found, added, corrected, closed, taken off the list and put back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.shops import read_city
from services.portal.staff import proposals
from services.portal.staff.entrance import ASSOCIATION, OFFICER, Me, page
from services.portal.staff.planning.step_pages import read_districts
from services.portal.staff.shop_records import MERCHANTS, Kinds, Record, add, correct, move
from services.portal.town_map import town_map
from services.portal.towns import Districts, Shops, Towns
from services.portal.visitors import Door, Visitor, see_other

Cursor = Annotated[str | None, Query(max_length=500)]
Text = Annotated[str, Query(max_length=100)]
Done = Annotated[Literal["added", "corrected", "close", "delist", "relist"] | None, Query()]
_MOST_FIELDS = 40


def router(door: Door, towns: Towns) -> APIRouter:
    """For officers of the city; an association's see their own shops alone when they change one."""
    routes = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[PUBLIC])
    _add_list(routes, door, towns)
    _add_new(routes, door)
    _add_one(routes, door)
    return routes


async def must_run(visitor: Visitor, city_id: UUID) -> Me:
    """Raises NotThere for whoever runs neither the city nor a district of it."""
    me = await visitor.shaped(Me, "directory", "/api/v1/people/me")
    if not any(each.role in (OFFICER, ASSOCIATION) and each.city_id == city_id for each in me.grants):
        raise NotThere("runs nothing here")
    return me


async def read_map(visitor: Visitor, city_id: UUID) -> dict[str, Any]:
    """The town to point at: its districts."""
    path = f"/api/v1/cities/{city_id}/districts"
    districts = await part(visitor.shaped(Districts, "directory", path, limit=100))
    return {"map": town_map(districts.items, []) if districts else None}


def _add_list(routes: APIRouter, door: Door, towns: Towns) -> None:
    @routes.api_route("/cities/{city_id}/shops", methods=["GET", "HEAD"])
    async def list_shops(
        *,
        city_id: UUID,
        reader: Reader,
        request: Request,
        q: Text = "",
        kind: Text = "",
        district: Text = "",
        cursor: Cursor = None,
        done: Done = None,
        shop: Annotated[UUID | None, Query()] = None,
    ) -> Response:
        """Those that are listed, by a part of their name, kind or district."""

        async def work(visitor: Visitor) -> Response:
            me = await must_run(visitor, city_id)
            wish = {"q": q.strip() or None, "kind": kind or None, "district": district or None}
            asked: dict[str, str | int | None] = {"city": str(city_id), "limit": 50, "cursor": cursor}
            shops, overview, districts, city = await asyncio.gather(
                visitor.shaped(Shops, "directory", MERCHANTS, **asked, **wish),
                part(towns.overview(city_id, visitor.language)),
                part(read_districts(visitor, city_id)),
                part(read_city(door.neighbours, city_id)),
            )
            told: dict[str, Any] = {"shops": shops, "city_id": city_id, "is_first": cursor is None}
            told |= {"kinds": overview.kinds if overview else [], "districts": districts or []}
            told |= {"wish": {name: value or "" for name, value in wish.items()}, "done": done, "gone": shop}
            told |= {"is_officer": city_id in me.cities(OFFICER), "place": f"{urlencode(told['wish'])}&"}
            return page(door, "shops.html", visitor, city=city, **told)

        return await door.enter(request, reader, work)

    @routes.post("/cities/{city_id}/shops", dependencies=[OF_THIS_SITE])
    async def put_back(city_id: UUID, reader: Reader, request: Request) -> Response:
        """One that was just taken off the list."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            await must_run(visitor, city_id)
            try:
                shop = UUID(form.get("shop", ""))
            except ValueError:
                raise NotThere("no shop") from None
            if not await move(visitor, shop, "relist"):
                return see_other(reader.path, reader)
            return see_other(f"/desk/shops/{shop}", reader, done="relist")

        return await door.enter(request, reader, work)


def _add_new(routes: APIRouter, door: Door) -> None:
    async def shown(
        visitor: Visitor, city_id: UUID, form: Mapping[str, str], faults: Mapping[str, str]
    ) -> Response:
        me, kinds, city, drawn = await asyncio.gather(
            must_run(visitor, city_id),
            part(visitor.shaped(Kinds, "directory", "/api/v1/kinds")),
            part(read_city(door.neighbours, city_id)),
            read_map(visitor, city_id),
        )
        told: dict[str, Any] = {"form": form, "faults": faults, "city_id": city_id, "shop": None}
        told |= {"kinds": kinds.items if kinds else [], "attempt": new_id(), "done": None, **drawn}
        told["is_officer"] = city_id in me.cities(OFFICER)
        answer = page(door, "shop.html", visitor, city=city, **told)
        answer.status_code = 422 if faults else 200
        return answer

    @routes.api_route("/cities/{city_id}/shops/new", methods=["GET", "HEAD"])
    async def show_empty(
        city_id: UUID,
        reader: Reader,
        request: Request,
        proposal: Annotated[UUID | None, Query()] = None,
    ) -> Response:
        """A shop that no source has; one that was proposed with what is said of it."""

        async def work(visitor: Visitor) -> Response:
            said = (await proposals.find(visitor, city_id, proposal)).values if proposal else {}
            return await shown(visitor, city_id, said, {})

        return await door.enter(request, reader, work)

    @routes.post("/cities/{city_id}/shops/new", dependencies=[OF_THIS_SITE])
    async def add_shop(city_id: UUID, reader: Reader, request: Request) -> Response:
        """List it."""
        form = await form_of(request, _MOST_FIELDS)

        async def work(visitor: Visitor) -> Response:
            if proposed := form.get("proposal"):
                new, faults = await proposals.accept(visitor, proposed, form)
            else:
                new, faults = await add(visitor, city_id, form)
            if not new:
                return await shown(visitor, city_id, form, faults)
            return see_other(f"/desk/shops/{new}", reader, done="added")

        return await door.enter(request, reader, work)


def _add_one(routes: APIRouter, door: Door) -> None:
    async def shown(
        visitor: Visitor,
        shop: Record,
        form: Mapping[str, str],
        faults: Mapping[str, str],
        done: str | None = None,
    ) -> Response:
        me, kinds, city, drawn = await asyncio.gather(
            must_run(visitor, shop.city_id),
            part(visitor.shaped(Kinds, "directory", "/api/v1/kinds")),
            part(read_city(door.neighbours, shop.city_id)),
            read_map(visitor, shop.city_id),
        )
        told: dict[str, Any] = {"form": form, "faults": faults, "city_id": shop.city_id, "shop": shop}
        told |= {"kinds": kinds.items if kinds else [], "attempt": "", "done": done, **drawn}
        told["is_officer"] = shop.city_id in me.cities(OFFICER)
        answer = page(door, "shop.html", visitor, city=city, **told)
        answer.status_code = 422 if faults else 200
        return answer

    async def read(visitor: Visitor, merchant_id: UUID) -> Record:
        return await visitor.shaped(Record, "directory", f"{MERCHANTS}/{merchant_id}")

    @routes.api_route("/shops/{merchant_id}", methods=["GET", "HEAD"])
    async def show_shop(merchant_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """What the directory holds of it."""

        async def work(visitor: Visitor) -> Response:
            shop = await read(visitor, merchant_id)
            return await shown(visitor, shop, shop.values, {}, done)

        return await door.enter(request, reader, work)

    @routes.post("/shops/{merchant_id}", dependencies=[OF_THIS_SITE])
    async def change_shop(merchant_id: UUID, reader: Reader, request: Request) -> Response:
        """Correct it, close it, or take it off the list."""
        form = await form_of(request, _MOST_FIELDS)

        async def work(visitor: Visitor) -> Response:
            shop, wish = await read(visitor, merchant_id), form.get("do", "")
            if wish in ("close", "delist"):
                is_done = form.get("sure") == "yes" and await move(visitor, merchant_id, wish)
                if not is_done:
                    return await shown(visitor, shop, shop.values, {"sure": "sure"})
                path = f"/desk/cities/{shop.city_id}/shops"
                return see_other(path, reader, done=wish, shop=str(merchant_id))
            faults = await correct(visitor, merchant_id, form)
            if faults:
                again = {**form, "version": str(shop.version)}
                return await shown(visitor, shop, again, faults)
            return see_other(reader.path, reader, done="corrected")

        return await door.enter(request, reader, work)
