"""The portal as an app: what its service worker keeps for when there is no network."""

from __future__ import annotations

import json
from hashlib import sha256

from fastapi import APIRouter, Response

from chassis.access import PUBLIC
from services.portal.assets import OWN, Assets
from services.portal.reader import PageReader, Reader
from services.portal.rendering import SECURITY_HEADERS, Renderer
from services.portal.wording import LANGUAGES

OFFLINE = "/offline"
_FILES = ("portal.css", "people.css", "icon.svg", "waiting.js", "waits.js", "manifest.webmanifest")


def router(assets: Assets, renderer: Renderer) -> APIRouter:
    """The worker, and the page that it shows; both the same for everybody."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    worker = _worker(assets, renderer)

    @routes.api_route(OFFLINE, methods=["GET", "HEAD"])
    async def show_offline(reader: Reader) -> Response:
        """There is no network: what waits to be sent, and forms whose answers are kept."""
        return renderer.page("offline.html", reader)

    @routes.api_route("/service-worker.js", methods=["GET", "HEAD"])
    async def service_worker() -> Response:
        """At the root, whose pages it serves. Browsers look for a newer one with every visit."""
        headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache"}
        return Response(worker, media_type="text/javascript", headers=headers)

    return routes


def _worker(assets: Assets, renderer: Renderer) -> str:
    """Its text differs whenever something that it keeps does: browsers then keep that anew."""
    pages = {
        language: bytes(renderer.page("offline.html", PageReader(language, OFFLINE, False)).body)
        for language in LANGUAGES
    }
    offline = {
        "version": sha256(b"".join(pages.values())).hexdigest()[:12],
        "pages": {language: f"{OFFLINE}?lang={language}" for language in pages},
        "files": [assets.url(name) for name in _FILES],
        "waiting": assets.url("waiting.js"),
    }
    return f"const OFFLINE = {json.dumps(offline)};\n{(OWN / 'service-worker.js').read_text('utf-8')}"
