"""Counter cards and posters over HTTP, as PDF to be printed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access, may
from chassis.database import Database
from chassis.http import Db, Now
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import Problem, not_found
from services.campaigns.lifecycle import storage
from services.campaigns.links.api import address_of, joining_link, shops_link
from services.campaigns.places.tables import known_district, known_merchant
from services.campaigns.printed.pages import Format, cards, poster
from services.campaigns.printed.town import Shop, Town
from services.campaigns.printed.words import Card, Poster

MOST_CARDS = 500
"""In one file: 3 MB and some five seconds. Those of a larger district come in several."""
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_LONGEST_CURSOR = 1_000
OfShop = Annotated[
    Access, may(Role.merchant, Role.merchant_staff, Role.association_officer, Role.city_officer)
]
OfDistrict = Annotated[Access, may(Role.association_officer, Role.city_officer)]
OfCity = Annotated[Access, may(Role.city_officer)]


def router(town: Town, public_url: str) -> APIRouter:
    """The routes; links are under `public_url`."""
    routes = APIRouter(prefix="/api/v1/printed", tags=["printed"])
    _add_cards(routes, town, public_url)
    _add_district(routes, town, public_url)
    _add_posters(routes, town, public_url)
    return routes


def _add_cards(routes: APIRouter, town: Town, public_url: str) -> None:
    @routes.get(
        "/merchants/{merchant_id}/card.pdf",
        response_class=Response,
        responses={**_PDF, **problems(403, 404, 409, 503)},
    )
    async def print_card(
        merchant_id: UUID, who: OfShop, database: Db, now: Now, language: ReadersLanguage
    ) -> Response:
        """A shop's counter card (who runs it or works there, its association, its city)."""
        async with database.connection() as connection:
            await _ask_where(connection, merchant_id, who)
        shop = await town.shop(merchant_id, language)
        async with database.transaction() as tx:
            link = await shops_link(tx, merchant_id, now)
        card = Card(shop.title, address_of(link, public_url))
        return _file(await asyncio.to_thread(cards, [card], language), "card", language)


def _add_district(routes: APIRouter, town: Town, public_url: str) -> None:
    @routes.get(
        "/districts/{district_id}/cards.pdf",
        response_class=Response,
        responses={**_PDF, **problems(403, 404, 503)},
    )
    async def print_cards(
        *,
        district_id: UUID,
        who: OfDistrict,
        database: Db,
        now: Now,
        language: ReadersLanguage,
        request: Request,
        cursor: Annotated[
            str | None, Query(max_length=_LONGEST_CURSOR, description="Of the `Link` of the file before.")
        ] = None,
    ) -> Response:
        """The counter cards of all shops of a district, a page each (its association, its city).

        Five hundred at most; where there are more, the header `Link` names the file with the next ones.
        """
        async with database.connection() as connection:
            query = select(known_district.c.city_id).where(known_district.c.id == district_id)
            city_id: UUID | None = await connection.scalar(query)
        if city_id is None:
            raise not_found("district")
        who.within(city_id=city_id, districts=[district_id])
        shops: list[Shop] = []
        while len(shops) < MOST_CARDS:
            some = await town.shops_of(district_id, cursor, language)
            shops += some.items
            cursor = some.next
            if cursor is None:
                break
        papers = await _papers(database, shops, now, public_url)
        if not papers:
            raise not_found("shop in this district")
        file = _file(await asyncio.to_thread(cards, papers, language), "cards", language)
        if cursor is not None:
            following = request.url.include_query_params(cursor=cursor)
            file.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        return file


def _add_posters(routes: APIRouter, town: Town, public_url: str) -> None:
    @routes.get(
        "/campaigns/{campaign_id}/poster.pdf",
        response_class=Response,
        responses={**_PDF, **problems(403, 404, 409, 503)},
    )
    async def print_poster(
        *,
        campaign_id: UUID,
        who: OfCity,
        database: Db,
        now: Now,
        language: ReadersLanguage,
        form: Annotated[Format, Query(alias="format", description="Of the paper.")] = Format.A4,
    ) -> Response:
        """A campaign's poster: title, dates, who is responsible, and the code to join by (its city)."""
        async with database.transaction() as tx:
            campaign = await storage.find(tx, campaign_id)
            who.within(city_id=campaign.city_id)
            link = await joining_link(tx, campaign_id, now)
        city = await town.city(campaign.city_id)
        paper = Poster(
            title=campaign.plan.name,
            city=city.called(language),
            responsible=city.contact,
            starts_at=campaign.plan.starts_at,
            ends_at=campaign.plan.ends_at,
            address=address_of(link, public_url),
        )
        return _file(await asyncio.to_thread(poster, paper, form, language), "poster", language)


async def _ask_where(connection: AsyncConnection, merchant_id: UUID, who: Access) -> None:
    query = select(known_merchant).where(known_merchant.c.id == merchant_id)
    shop = (await connection.execute(query)).mappings().first()
    if shop is None:
        raise not_found("merchant")
    who.within(city_id=shop["city_id"], merchant_id=merchant_id, districts=shop["district_ids"] or ())


async def _papers(database: Database, shops: Sequence[Shop], now: Now, public_url: str) -> list[Card]:
    """Of those that are known here as open: a shop that was listed just now may not be yet."""
    papers = []
    async with database.transaction() as tx:
        for shop in shops:
            try:
                link = await shops_link(tx, shop.id, now)
            except Problem:
                continue
            papers.append(Card(shop.title, address_of(link, public_url)))
    return papers


def _file(pdf: bytes, name: str, language: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.pdf"',
        "Content-Language": language,
        "Cache-Control": "no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)
