"""A campaign's page, where posters and join links lead: what it is, its rules, how far it is, the way in."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from chassis.access import PUBLIC
from services.portal.campaigns import read_campaign, read_campaign_page
from services.portal.city_colours import hue_of
from services.portal.neighbours import Neighbours, NotThere, Unanswered, part
from services.portal.preview_card import card_answer
from services.portal.reader import Reader
from services.portal.rendering import Renderer
from services.portal.shops import read_city


def router(neighbours: Neighbours, renderer: Renderer) -> APIRouter:
    """The page, and its picture for those who link it."""
    routes = APIRouter(prefix="/campaigns/{campaign_id}", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_campaign(campaign_id: UUID, reader: Reader) -> Response:
        """What is on, until when, by which rules, and how to take part."""
        try:
            found = await read_campaign_page(neighbours, campaign_id, reader.language)
        except NotThere:
            return renderer.not_there(reader)
        except Unanswered:
            return renderer.away(reader)
        hue = hue_of(found.city.nis_code) if found.city else None
        return renderer.page("campaign.html", reader, found=found, campaign=found.campaign, hue=hue)

    @routes.get("/card.png")
    async def picture(campaign_id: UUID, reader: Reader) -> Response:
        """What is shown beside a link to the page."""
        try:
            campaign = await read_campaign(neighbours, campaign_id, reader.language)
        except Unanswered as error:
            return Response(status_code=404 if isinstance(error, NotThere) else 503)
        city = await part(read_city(neighbours, campaign.city_id))
        below, hue = (city.called(reader.language), hue_of(city.nis_code)) if city else ("", None)
        return await card_answer(campaign.name, below, hue)

    return routes
