"""A town's page: what is on, who is responsible, its shops on a map and as a list, and the register."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from chassis.access import PUBLIC
from chassis.http import Now
from services.portal.city_colours import hue_of
from services.portal.neighbours import NotThere, Unanswered
from services.portal.preview_card import card_answer
from services.portal.reader import Reader
from services.portal.rendering import Renderer
from services.portal.town_map import town_map
from services.portal.towns import Towns, Wish

NisCode = Annotated[str, Path(pattern=r"^\d{5}$")]


async def _wish(
    q: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[str, Query(pattern=r"^([a-z_]{1,21}(=[a-z0-9_:-]{1,50})?)?$")] = "",
    district: Annotated[UUID | Literal[""], Query()] = "",
    is_open: Annotated[Literal["now"] | None, Query(alias="open")] = None,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Wish:
    return Wish(q.strip(), kind, district or None, is_open == "now", cursor)


def router(towns: Towns, renderer: Renderer) -> APIRouter:
    """The page, and its picture for those who link it."""
    routes = APIRouter(prefix="/towns/{nis_code}", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_town(
        nis_code: NisCode, reader: Reader, wish: Annotated[Wish, Depends(_wish)], now: Now
    ) -> Response:
        """The town, and those of its shops that somebody looks for."""
        try:
            town = await towns.page(nis_code, reader.language, wish, now())
        except NotThere:
            return renderer.not_there(reader)
        except Unanswered:
            return renderer.away(reader)
        drawn = None
        if town.districts is not None and town.overview is not None:
            drawn = town_map(town.districts.items, town.overview.shops)
        shown: dict[str, Any] = {"town": town, "city": town.city, "wish": wish, "map": drawn}
        page = renderer.page("town.html", reader, hue=hue_of(nis_code), place=_place(wish), **shown)
        if wish.is_any or wish.cursor:
            page.headers["X-Robots-Tag"] = "noindex"
        return page

    @routes.get("/card.png")
    async def picture(nis_code: NisCode, reader: Reader) -> Response:
        """What is shown beside a link to the page."""
        try:
            named = {city.nis_code: city for city in (await towns.all()).items}
        except Unanswered:
            return Response(status_code=503)
        if nis_code not in named:
            return Response(status_code=404)
        return await card_answer(named[nis_code].called(reader.language), "", hue_of(nis_code))

    return routes


def _place(wish: Wish) -> str:
    """What links to other languages and further pages keep."""
    kept = {
        "q": wish.q,
        "kind": wish.kind,
        "district": str(wish.district or ""),
        "open": "now" if wish.open_now else "",
    }
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{query}&" if query else ""
