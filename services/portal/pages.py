"""The pages: where a visitor lands, and the documentation of every service's API."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import FileResponse, HTMLResponse

from chassis.access import PUBLIC
from chassis.http import Now
from chassis.languages import preferred
from chassis.problems import not_found
from chassis.telemetry import conceal_path
from services.portal import audience_page
from services.portal.assets import Assets
from services.portal.neighbours import Neighbours
from services.portal.on_now import OnNow
from services.portal.settings import PortalSettings
from services.portal.wording import LANGUAGES, environment

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Swagger UI draws its icons with data addresses
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {source}" for what, source in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ONE_YEAR = "public, max-age=31536000, immutable"


async def _language(
    lang: Annotated[str | None, Query(max_length=10)] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> str:
    return lang if lang in LANGUAGES else preferred(accept_language, LANGUAGES)


Language = Annotated[str, Depends(_language)]
ServiceName = Literal["directory", "campaigns", "notifications", "assessment"]


def _kept_nowhere(page: HTMLResponse, status: int) -> HTMLResponse:
    page.status_code = status
    page.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    return page


def router(settings: PortalSettings, neighbours: Neighbours) -> APIRouter:
    """The portal's routes. None is part of an API: pages are for people."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    assets = Assets()
    on_now = OnNow(neighbours)

    def shown(template: str, language: str, **variables: Any) -> HTMLResponse:
        page = environment(language).get_template(template)
        html = page.render(
            language=language, languages=LANGUAGES, asset=assets.url, services=neighbours.names, **variables
        )
        headers = {"Content-Language": language, "Vary": "Accept-Language", **SECURITY_HEADERS}
        return HTMLResponse(html, headers=headers)

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def landing(language: Language, now: Now) -> Response:
        """What CoCoCity is, what is on, what runs, and where to go on."""
        reports, campaigns = await asyncio.gather(neighbours.ask_all(), on_now.campaigns())
        return shown(
            "landing.html",
            language,
            place="",
            reports=reports,
            campaigns=campaigns,
            asked_at=now(),
            windows=settings.windows(),
            is_demo=not settings.is_production,
            public_url=settings.public_url.rstrip("/"),
        )

    @routes.api_route("/docs", methods=["GET", "HEAD"])
    async def documentation(language: Language, service: ServiceName = "directory") -> Response:
        """Swagger UI over the OpenAPI document of one service."""
        return shown(
            "docs.html",
            language,
            place=f"service={service}&",
            service=service,
            is_demo=not settings.is_production,
        )

    @routes.api_route("/audience/{secret}", methods=["GET", "HEAD"])
    async def audience_of_letter(secret: str, language: Language) -> Response:
        """A shop's audience so far, for whoever holds its letter. Found by no search engine, kept nowhere."""
        conceal_path("/audience/…")
        shop, status = await audience_page.read(neighbours, secret)
        return _kept_nowhere(shown("audience.html", language, place="", shop=shop), status)

    @routes.api_route("/static/{name}", methods=["GET", "HEAD"])
    async def asset(name: str) -> Response:
        """A file that pages load."""
        found = assets.find(name)
        if found is None:
            raise not_found("file")
        headers = {**SECURITY_HEADERS, "Cache-Control": _ONE_YEAR}
        return FileResponse(found.path, media_type=found.media_type, headers=headers)

    return routes
