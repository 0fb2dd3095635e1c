"""A shop's page, where QR codes in windows and shared links lead, with its feed and its picture."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.http import Now
from services.portal.city_colours import hue_of
from services.portal.forms import OF_THIS_SITE
from services.portal.local_business import local_business
from services.portal.neighbours import Neighbours, NotThere, Unanswered, part
from services.portal.preview_card import card_answer
from services.portal.reader import PageReader, Reader
from services.portal.rendering import Renderer
from services.portal.sessions import Sessions
from services.portal.shops import ShopPage, read_city, read_reviews, read_shop, read_shop_page

Cursor = Annotated[str | None, Query(max_length=500)]
Done = Annotated[Literal["followed", "unfollowed", "not-yours"] | None, Query()]


def router(neighbours: Neighbours, renderer: Renderer, sessions: Sessions, public_url: str) -> APIRouter:
    """The page, following from it, its feed and its picture."""
    routes = APIRouter(prefix="/merchants/{merchant_id}", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_shop(
        *, merchant_id: UUID, reader: Reader, now: Now, cursor: Cursor = None, done: Done = None
    ) -> Response:
        """What people say of it, when it is open, and where else it is found."""
        try:
            found = await read_shop_page(neighbours, merchant_id, reader.language, cursor)
        except NotThere:
            return renderer.not_there(reader)
        except Unanswered:
            return renderer.away(reader)
        shown = {"data": local_business(found, public_url), "is_first": cursor is None, "done": done}
        return _page(renderer, reader, found, now=now(), **shown)

    @routes.post("", dependencies=[OF_THIS_SITE])
    async def follow(merchant_id: UUID, reader: Reader, request: Request, now: Now) -> Response:
        """Follow the shop, or follow it no more; whoever is not signed in does that first."""
        leave = (await form_of(request)).get("do") == "unfollow"
        page = f"/merchants/{merchant_id}?lang={reader.language}"
        try:
            session = await sessions.of(request, now())
            if session is None:
                return sessions.to_sign_in(reader, goes_on=page)
            method = "DELETE" if leave else "PUT"
            path = f"/api/v1/follows/{merchant_id}"
            answer = await neighbours.send(method, "campaigns", path, token=session.token)
        except Unanswered:
            return renderer.away(reader)
        done = "not-yours" if answer.status >= 400 else "unfollowed" if leave else "followed"
        back = RedirectResponse(f"{page}&done={done}", 303, {"Cache-Control": "no-store"})
        sessions.keep(back, session)
        return back

    _add_feed(routes, neighbours, renderer)
    _add_picture(routes, neighbours)
    return routes


def _add_feed(routes: APIRouter, neighbours: Neighbours, renderer: Renderer) -> None:
    @routes.get("/reviews.atom")
    async def feed(merchant_id: UUID, reader: Reader) -> Response:
        """The newest reviews, for feed readers (RFC 4287)."""
        try:
            shop = await read_shop(neighbours, merchant_id, reader.language)
            reviews = await read_reviews(neighbours, merchant_id, reader.language)
        except NotThere:
            return renderer.not_there(reader)
        except Unanswered:
            return renderer.away(reader)
        answer = renderer.page("reviews.xml", reader, shop=shop, reviews=reviews.items)
        answer.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
        return answer


def _add_picture(routes: APIRouter, neighbours: Neighbours) -> None:
    @routes.get("/card.png")
    async def picture(merchant_id: UUID, reader: Reader) -> Response:
        """What is shown beside a link to the page."""
        try:
            shop = await read_shop(neighbours, merchant_id, reader.language)
        except Unanswered as error:
            return Response(status_code=404 if isinstance(error, NotThere) else 503)
        city = await part(read_city(neighbours, shop.city_id))
        where = [shop.kind_name if shop.name else "", city.called(reader.language) if city else ""]
        hue = hue_of(city.nis_code) if city else None
        return await card_answer(shop.title, " · ".join(filter(None, where)), hue)


def _page(renderer: Renderer, reader: PageReader, found: ShopPage, **shown: Any) -> Response:
    hue = hue_of(found.city.nis_code) if found.city else None
    page = renderer.page("shop.html", reader, found=found, shop=found.shop, hue=hue, **shown)
    if shown["done"] or not shown["is_first"]:
        page.headers["X-Robots-Tag"] = "noindex"
    return page
