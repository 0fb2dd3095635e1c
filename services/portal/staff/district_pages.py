"""A city's districts: seen on a map, drawn there or brought as GeoJSON, looked at before they are drawn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from chassis.access import PUBLIC
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.shops import Shop, read_city
from services.portal.staff.entrance import OFFICER, page
from services.portal.staff.outlines import MOST_BYTES, NoOutline, Outline, outlines_of, text_of
from services.portal.staff.shop_desk import must_run
from services.portal.town_map import town_map
from services.portal.towns import District, Districts, Towns
from services.portal.visitors import Door, Visitor, fault_of, problem_of, see_other

Done = Annotated[Literal["drawn", "saved", "removed"] | None, Query()]


class Held(District):
    """A district as the directory holds it."""

    city_id: UUID = UUID(int=0)
    version: int = 0


def router(door: Door, towns: Towns) -> APIRouter:
    """For officers of the city."""
    routes = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[PUBLIC])
    _add_all(routes, door, towns)
    _add_one(routes, door, towns)
    return routes


async def _form_of(request: Request) -> dict[str, str]:
    """The fields, with the text of a file in the place of its field."""
    async with request.form(max_files=1, max_fields=10) as sent:
        form = {name: value for name, value in sent.items() if isinstance(value, str)}
        upload = sent.get("file")
        if isinstance(upload, UploadFile) and upload.size:
            content = await upload.read(MOST_BYTES + 1)
            is_fit = len(content) <= MOST_BYTES
            form["polygon"] = content.decode("utf-8-sig", "replace") if is_fit else ""
    return form


async def _shops(visitor: Visitor, towns: Towns, city_id: UUID) -> Sequence[Shop]:
    overview = await part(towns.overview(city_id, visitor.language))
    return overview.shops if overview else []


def _add_all(routes: APIRouter, door: Door, towns: Towns) -> None:
    async def shown(
        visitor: Visitor,
        city_id: UUID,
        form: Mapping[str, str],
        *,
        fault: str = "",
        outlines: Sequence[Outline] = (),
        done: str | None = None,
    ) -> Response:
        path = f"/api/v1/cities/{city_id}/districts"
        me, held, shops, city = await asyncio.gather(
            must_run(visitor, city_id),
            visitor.shaped(Districts, "directory", path, limit=100),
            _shops(visitor, towns, city_id),
            part(read_city(door.neighbours, city_id)),
        )
        new = [District(UUID(int=place), each.name, each.polygon) for place, each in enumerate(outlines)]
        told: dict[str, Any] = {"districts": sorted(held.items, key=lambda each: each.name), "done": done}
        told |= {"map": town_map([*held.items, *new], shops), "form": form, "fault": fault}
        told |= {"new": [(each.name, each.holds(shops)) for each in outlines], "outlines": text_of(outlines)}
        told |= {
            "is_officer": city_id in me.cities(OFFICER),
            "city_id": city_id,
            "attempt": new_id(),
            "shops_known": len(shops),
        }
        told["within"] = {each.id: sum(each.id in shop.district_ids for shop in shops) for each in held.items}
        answer = page(door, "districts.html", visitor, city=city, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/cities/{city_id}/districts", methods=["GET", "HEAD"])
    async def show_districts(city_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """On the map and as a list."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, city_id, {}, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/cities/{city_id}/districts", dependencies=[OF_THIS_SITE])
    async def draw_districts(city_id: UUID, reader: Reader, request: Request) -> Response:
        """Look at what was brought, or draw it."""

        async def work(visitor: Visitor) -> Response:
            form = await _form_of(request)
            try:
                outlines = outlines_of(form.get("polygon", ""), form.get("name", ""))
            except NoOutline as why:
                return await shown(visitor, city_id, form, fault=str(why))
            if form.get("do") != "draw":
                return await shown(visitor, city_id, form, outlines=outlines)
            fault = await _draw(visitor, city_id, outlines, form.get("attempt", "") or "district")
            if fault:
                return await shown(visitor, city_id, form, fault=fault, outlines=outlines)
            return see_other(reader.path, reader, done="drawn")

        return await door.enter(request, reader, work)


async def _draw(visitor: Visitor, city_id: UUID, outlines: Sequence[Outline], attempt: str) -> str:
    """What hinders one of them; those before it are drawn, and sent again are not drawn twice."""
    for place, each in enumerate(outlines):
        body = {"name": each.name, "polygon": each.polygon}
        path = f"/api/v1/cities/{city_id}/districts"
        answer = await visitor.write("POST", "directory", path, body, attempt=f"{attempt}-{place}")
        if answer.status in (401, 403, 404):
            raise NotThere(f"directory: HTTP {answer.status}")
        if answer.status >= 400:
            return fault_of(answer) if answer.status == 422 else problem_of(answer)
    return ""


def _add_one(routes: APIRouter, door: Door, towns: Towns) -> None:
    async def shown(visitor: Visitor, held: Held, form: Mapping[str, str], fault: str = "") -> Response:
        me, shops, city = await asyncio.gather(
            must_run(visitor, held.city_id),
            _shops(visitor, towns, held.city_id),
            part(read_city(door.neighbours, held.city_id)),
        )
        told: dict[str, Any] = {"district": held, "map": town_map([held], shops), "fault": fault}
        told |= {
            "is_officer": held.city_id in me.cities(OFFICER),
            "form": form,
            "city_id": held.city_id,
            "polygon": json.dumps(held.polygon),
        }
        answer = page(door, "district.html", visitor, city=city, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/districts/{district_id}", methods=["GET", "HEAD"])
    async def show_district(district_id: UUID, reader: Reader, request: Request) -> Response:
        """Its name and outline, to be changed."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, await _held(visitor, district_id), {})

        return await door.enter(request, reader, work)

    @routes.post("/districts/{district_id}", dependencies=[OF_THIS_SITE])
    async def change_district(district_id: UUID, reader: Reader, request: Request) -> Response:
        """Name it otherwise, draw it anew, or remove it."""

        async def work(visitor: Visitor) -> Response:
            form, held = await _form_of(request), await _held(visitor, district_id)
            fault = await _change(visitor, district_id, form)
            if fault:
                return await shown(visitor, held, form, fault)
            done = "removed" if form.get("do") == "remove" else "saved"
            return see_other(f"/desk/cities/{held.city_id}/districts", reader, done=done)

        return await door.enter(request, reader, work)


async def _held(visitor: Visitor, district_id: UUID) -> Held:
    return await visitor.shaped(Held, "directory", f"/api/v1/districts/{district_id}")


async def _change(visitor: Visitor, district_id: UUID, form: Mapping[str, str]) -> str:
    version = form.get("version", "")
    path, etag = f"/api/v1/districts/{district_id}", f'"{version}"' if version.isdecimal() else '"0"'
    if form.get("do") == "remove":
        if form.get("sure") != "yes":
            return "sure"
        answer = await visitor.write("DELETE", "directory", path, etag=etag)
    else:
        name = form.get("name", "").strip()
        try:
            outlines = outlines_of(form.get("polygon", ""), name)
        except NoOutline as why:
            return str(why)
        if not name or len(outlines) > 1:
            return "name" if not name else "no-polygon"
        body = {"name": name, "polygon": outlines[0].polygon}
        answer = await visitor.write("PUT", "directory", path, body, etag=etag)
    if answer.status in (401, 403, 404, 410):
        raise NotThere(f"directory: HTTP {answer.status}")
    if answer.status == 412:
        return "changed"
    if answer.status >= 400:
        return fault_of(answer) if answer.status == 422 else problem_of(answer)
    return ""
