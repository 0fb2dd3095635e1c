"""The pages: where a visitor lands, and the documentation of every service's API."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from chassis.access import PUBLIC
from chassis.http import Now
from chassis.problems import not_found
from chassis.telemetry import conceal_path
from services.portal import audience_page
from services.portal.assets import Assets
from services.portal.neighbours import Neighbours, part
from services.portal.on_now import OnNow
from services.portal.reader import Reader
from services.portal.rendering import SECURITY_HEADERS, Renderer
from services.portal.settings import PortalSettings
from services.portal.towns import Towns

_ONE_YEAR = "public, max-age=31536000, immutable"

ServiceName = Literal["directory", "campaigns", "notifications", "assessment"]


def router(
    settings: PortalSettings,
    neighbours: Neighbours,
    towns: Towns,
    assets: Assets,
    renderer: Renderer,
    *,
    on_now: OnNow,
) -> APIRouter:
    """The portal's routes. None is part of an API: pages are for people."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def landing(reader: Reader, now: Now) -> Response:
        """What CoCoCity is, what is on, what runs, and where to go on."""
        reports, campaigns, cities = await asyncio.gather(
            neighbours.ask_all(), part(on_now.campaigns()), part(towns.all())
        )
        return renderer.page(
            "landing.html",
            reader,
            reports=reports,
            campaigns=campaigns,
            cities=cities and sorted(cities.items, key=lambda city: city.called(reader.language)),
            asked_at=now(),
            windows=settings.windows(),
            is_demo=not settings.is_production,
        )

    @routes.api_route("/docs", methods=["GET", "HEAD"])
    async def documentation(reader: Reader, service: ServiceName = "directory") -> Response:
        """Swagger UI over the OpenAPI document of one service."""
        return renderer.page(
            "docs.html",
            reader,
            place=f"service={service}&",
            service=service,
            is_demo=not settings.is_production,
        )

    @routes.api_route("/audience/{secret}", methods=["GET", "HEAD"])
    async def audience_of_letter(secret: str, reader: Reader) -> Response:
        """A shop's audience so far, for whoever holds its letter. Found by no search engine, kept nowhere."""
        conceal_path("/audience/…")
        shop, status = await audience_page.read(neighbours, secret)
        return renderer.secret_page("audience.html", reader, status, shop=shop)

    @routes.api_route("/static/{name}", methods=["GET", "HEAD"])
    async def asset(name: str) -> Response:
        """A file that pages load."""
        found = assets.find(name)
        if found is None:
            raise not_found("file")
        headers = {**SECURITY_HEADERS, "Cache-Control": _ONE_YEAR}
        return FileResponse(found.path, media_type=found.media_type, headers=headers)

    return routes
