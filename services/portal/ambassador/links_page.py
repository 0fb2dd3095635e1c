"""One's own short links to shops and campaigns: each with its code to show, and the visits it brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.ambassador.campaigns import PATH as CAMPAIGNS
from services.portal.ambassador.mine import PAGE, shops
from services.portal.forms import OF_THIS_SITE
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other

PATH = "/api/v1/share-links"
Code = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{4,20}$")]


def router(door: Door) -> APIRouter:
    """The list, and the page of one."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    _add_list(routes, door)
    _add_one(routes, door)
    return routes


def _add_list(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/links", methods=["GET", "HEAD"])
    async def list_links(request: Request, reader: Reader, cursor: str = "") -> Response:
        """Newest first."""

        async def work(visitor: Visitor) -> Response:
            query: dict[str, str | int] = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
            told = await visitor.found("campaigns", PATH, **query) or {"items": [], "next": None}
            named = await shops(visitor, told["items"])
            return door.page(
                "ambassador/links.html", visitor.reader, told=told, shops=named, is_first=not cursor
            )

        return await door.enter(request, reader, work)

    @routes.post("/links", dependencies=[OF_THIS_SITE])
    async def make_link(request: Request, reader: Reader) -> Response:
        """One's link to a shop, the same again where there is one; on to its page."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            body = _wanted(form)
            if body is None:
                return see_other("/links", reader)
            answer = await visitor.write("POST", "campaigns", PATH, body, attempt=str(new_id()))
            if answer.status not in {200, 201}:
                return door.renderer.not_there(reader)
            return see_other(f"/links/{answer.body['code']}", reader)

        return await door.enter(request, reader, work)


def _add_one(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/links/{code}", methods=["GET", "HEAD"])
    async def show_link(code: Code, request: Request, reader: Reader) -> Response:
        """Its code, its address, and how many came by it, by day."""

        async def work(visitor: Visitor) -> Response:
            link = await visitor.found("campaigns", f"{PATH}/{code}")
            if link is None:
                return door.renderer.not_there(reader)
            named = await shops(visitor, [link])
            shop = next(iter(named.values()), None)
            campaign = None
            if link["campaign_id"]:
                campaign = await visitor.part("campaigns", f"{CAMPAIGNS}/{link['campaign_id']}")
            days: Counter[str] = Counter()
            for each in link["days"]:
                days[each["day"]] += each["visits"]
            shown: dict[str, Any] = {"link": link, "shop": shop, "campaign": campaign}
            return door.page("ambassador/link.html", visitor.reader, days=sorted(days.items()), **shown)

        return await door.enter(request, reader, work)

    @routes.post("/links/{code}", dependencies=[OF_THIS_SITE])
    async def withdraw_link(code: Code, request: Request, reader: Reader) -> Response:
        """It leads nowhere any more."""

        async def work(visitor: Visitor) -> Response:
            await visitor.write("DELETE", "campaigns", f"{PATH}/{code}")
            return see_other(reader.path, reader)

        return await door.enter(request, reader, work)


def _wanted(form: Mapping[str, str]) -> dict[str, Any] | None:
    for field, name in (("shop", "merchant_id"), ("campaign", "campaign_id")):
        try:
            return {name: str(UUID(form[field]))}
        except (KeyError, ValueError):
            continue
    return None
