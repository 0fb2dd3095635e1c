"""What the site says of itself: how it works, privacy, accessibility; and what it tells search engines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from xml.sax.saxutils import escape

from fastapi import APIRouter, Response

from chassis.access import PUBLIC
from chassis.http import Now
from services.portal.neighbours import NotThere, Unanswered
from services.portal.reader import Reader
from services.portal.rendering import SECURITY_HEADERS, Renderer
from services.portal.town_page import NisCode
from services.portal.towns import Towns, Wish
from services.portal.wording import LANGUAGES

_STATED_ON = date(2026, 11, 26)
_ONE_HOUR = {**SECURITY_HEADERS, "Cache-Control": "public, max-age=3600"}
_NOT_FOR_ROBOTS = ("/api/", "/account", "/sign-in", "/invitations/", "/audience/", "/s/", "/contributions")


def router(towns: Towns, renderer: Renderer, public_url: str) -> APIRouter:
    """The pages and files."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    origin = public_url.rstrip("/")

    @routes.api_route("/how-it-works", methods=["GET", "HEAD"])
    async def how_it_works(reader: Reader) -> Response:
        """How reviews are verified, how lists are ordered, what earns points."""
        return renderer.page("how_it_works.html", reader)

    @routes.api_route("/privacy", methods=["GET", "HEAD"])
    async def privacy(reader: Reader) -> Response:
        """What is kept about people, why, for how long, and what they can do."""
        return renderer.page("privacy.html", reader)

    @routes.api_route("/accessibility", methods=["GET", "HEAD"])
    async def accessibility(reader: Reader) -> Response:
        """The statement that public bodies owe (Directive (EU) 2016/2102, art. 7)."""
        return renderer.page("accessibility.html", reader, made_on=_STATED_ON)

    @routes.get("/robots.txt")
    async def robots() -> Response:
        """What search engines leave alone (RFC 9309)."""
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_ROBOTS)]
        return Response(
            "\n".join([*lines, f"Sitemap: {origin}/sitemap.xml", ""]),
            headers=_ONE_HOUR,
            media_type="text/plain",
        )

    _add_site_maps(routes, towns, origin)
    return routes


def _add_site_maps(routes: APIRouter, towns: Towns, origin: str) -> None:
    @routes.get("/sitemap.xml")
    async def all_towns() -> Response:
        """An index: one site map for each town."""
        try:
            codes = [city.nis_code for city in (await towns.all()).items]
        except Unanswered:
            return Response(status_code=503, headers={"Retry-After": "10"})
        maps = "".join(f"<sitemap><loc>{origin}/towns/{code}/sitemap.xml</loc></sitemap>" for code in codes)
        return _xml("sitemapindex", maps)

    @routes.get("/towns/{nis_code}/sitemap.xml")
    async def one_town(nis_code: NisCode, now: Now) -> Response:
        """The town's page, its campaigns' and its shops', each in four languages."""
        try:
            town = await towns.page(nis_code, LANGUAGES[0], Wish(), now())
        except NotThere:
            return Response(status_code=404)
        except Unanswered:
            return Response(status_code=503, headers={"Retry-After": "10"})
        paths = [f"/towns/{nis_code}"]
        paths += [f"/campaigns/{each.id}" for each in (town.campaigns.items if town.campaigns else ())]
        paths += [f"/merchants/{each.id}" for each in (town.overview.shops if town.overview else ())]
        return _xml("urlset", "".join(f"<url><loc>{each}</loc></url>" for each in _addresses(origin, paths)))


def _addresses(origin: str, paths: Iterable[str]) -> list[str]:
    return [escape(f"{origin}{path}?lang={language}") for path in paths for language in LANGUAGES]


def _xml(root: str, inside: str) -> Response:
    name = "http://www.sitemaps.org/schemas/sitemap/0.9"
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{name}">{inside}</{root}>\n'
    return Response(text, headers=_ONE_HOUR, media_type="application/xml")
