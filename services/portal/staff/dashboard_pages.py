"""The dashboards of a city and of its campaigns, and the list that leads to these."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.http import Now
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import SECURITY_HEADERS
from services.portal.shops import read_city
from services.portal.staff.dashboards import Campaign, Campaigns, read_overview
from services.portal.staff.entrance import page
from services.portal.staff.series import HEIGHT, WIDTH
from services.portal.visitors import Door, Visitor

Cursor = Annotated[str | None, Query(max_length=500)]
_CAMPAIGNS = "/api/v1/campaigns"
PDF, CSV, JSON = "application/pdf", "text/csv; charset=utf-8", "application/json"
_POSTER = "/api/v1/printed/campaigns/{campaign}/poster.pdf"
_EXPORT = "/api/v1/exports/campaigns/{campaign}"
FILES = {
    "poster-a4.pdf": (f"{_POSTER}?format=a4&", PDF),
    "poster-a3.pdf": (f"{_POSTER}?format=a3&", PDF),
    "evaluation.pdf": ("/api/v1/campaigns/{campaign}/study.pdf?", PDF),
    "evaluation.csv": ("/api/v1/campaigns/{campaign}/study.csv?", CSV),
    "evaluation.json": ("/api/v1/campaigns/{campaign}/study?", JSON),
    "contributions.csv": (f"{_EXPORT}/contributions.csv?", CSV),
    "visits.csv": (f"{_EXPORT}/visits.csv?", CSV),
    "merchants.csv": (f"{_EXPORT}/merchants.csv?", CSV),
    "decisions.csv": (f"{_EXPORT}/decisions.csv?", CSV),
}
"""What there is of a campaign to take away: by its name, where it comes from."""
_PICTURE = {"picture_width": WIDTH, "picture_height": HEIGHT}


def router(door: Door) -> APIRouter:
    """Three pages and what is taken away from them, each for officers of the city."""
    routes = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/cities/{city_id}", methods=["GET", "HEAD"])
    async def show_city(city_id: UUID, reader: Reader, request: Request, now: Now) -> Response:
        """What citizens do for the city's shops, today and in the last four weeks."""

        async def work(visitor: Visitor) -> Response:
            asked = {"city": str(city_id), "state": "running"}
            overview, running = await asyncio.gather(
                read_overview(visitor, f"cities/{city_id}", city_id),
                part(visitor.shaped(Campaigns, "campaigns", _CAMPAIGNS, **asked)),
            )
            shown = {"overview": overview, "campaign": None, "running": running, "now": now()}
            return page(door, "dashboard.html", visitor, city=overview.city, **shown, **_PICTURE)

        return await door.enter(request, reader, work)

    @routes.api_route("/campaigns/{campaign_id}", methods=["GET", "HEAD"])
    async def show_campaign(campaign_id: UUID, reader: Reader, request: Request, now: Now) -> Response:
        """The same of one campaign, with its goals."""

        async def work(visitor: Visitor) -> Response:
            campaign = await visitor.shaped(Campaign, "campaigns", f"{_CAMPAIGNS}/{campaign_id}")
            overview = await read_overview(visitor, f"campaigns/{campaign_id}", campaign.city_id)
            shown = {"overview": overview, "campaign": campaign, "running": None, "now": now()}
            return page(door, "dashboard.html", visitor, city=overview.city, **shown, **_PICTURE)

        return await door.enter(request, reader, work)

    @routes.api_route("/cities/{city_id}/campaigns", methods=["GET", "HEAD"])
    async def list_campaigns(
        city_id: UUID, reader: Reader, request: Request, cursor: Cursor = None
    ) -> Response:
        """All of them, drafts too."""

        async def work(visitor: Visitor) -> Response:
            asked: dict[str, str | int | None] = {"city": str(city_id), "limit": 50, "cursor": cursor}
            campaigns, city = await asyncio.gather(
                visitor.shaped(Campaigns, "campaigns", _CAMPAIGNS, **asked),
                part(read_city(door.neighbours, city_id)),
            )
            shown = {"campaigns": campaigns, "is_first": cursor is None, "city_id": city_id}
            return page(door, "campaigns.html", visitor, city=city, **shown)

        return await door.enter(request, reader, work)

    _add_files(routes, door)
    return routes


def _add_files(routes: APIRouter, door: Door) -> None:
    @routes.get("/campaigns/{campaign_id}/files/{name}")
    async def give_file(campaign_id: UUID, name: str, reader: Reader, request: Request) -> Response:
        """What is printed of a campaign, handed on, or written about it."""

        async def work(visitor: Visitor) -> Response:
            if name not in FILES:
                raise NotThere(f"no {name}")
            path, media_type = FILES[name]
            address = f"{path.format(campaign=campaign_id)}language={reader.language}"
            content = await door.neighbours.paper("campaigns", address, visitor.session.token)
            if content is None:
                raise NotThere(f"campaigns: no {name}")
            headers = {
                **SECURITY_HEADERS,
                "Cache-Control": "private, no-store",
                "Content-Disposition": f'attachment; filename="{name}"',
            }
            return Response(content, headers=headers, media_type=media_type)

        return await door.enter(request, reader, work)
