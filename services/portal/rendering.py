"""How a page is answered: in the reader's language, under a strict policy."""

from __future__ import annotations

from typing import Any

from fastapi.responses import HTMLResponse, Response

from services.portal.assets import Assets
from services.portal.reader import PageReader
from services.portal.wording import LANGUAGES, environment

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Swagger UI draws its icons with data addresses
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
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
_SENDS_FORMS = SECURITY_HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")
SHARED = "public, max-age=0, s-maxage=5, stale-while-revalidate=30"
"""The gateway keeps a page that is the same for all; browsers ask again, so that people see what they did."""
NOBODY_ELSES = "private, no-cache"


def attached(content: bytes, name: str, media_type: str) -> Response:
    """A file for whoever is signed in, to be taken away; kept by nobody on the way."""
    headers = {
        **SECURITY_HEADERS,
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(content, headers=headers, media_type=media_type)


class Renderer:
    """Makes pages of templates."""

    def __init__(self, assets: Assets, services: tuple[str, ...], public_url: str) -> None:
        self._assets = assets
        self._services = services
        self._public_url = public_url.rstrip("/")

    def page(self, template: str, reader: PageReader, status: int = 200, **variables: Any) -> HTMLResponse:
        """A page that everybody may see; `place` is the part of its query that other languages keep."""
        html = (
            environment(reader.language)
            .get_template(template)
            .render(
                reader=reader,
                language=reader.language,
                languages=LANGUAGES,
                asset=self._assets.url,
                services=self._services,
                public_url=self._public_url,
                **{"place": "", **variables},
            )
        )
        kept = NOBODY_ELSES if reader.seems_signed_in or status != 200 else SHARED
        headers = {
            "Content-Language": reader.language,
            "Vary": "Accept-Language, Cookie",
            "Cache-Control": kept,
            **SECURITY_HEADERS,
        }
        if "<form" in html or "data-live" in html:  # ours (what people typed is escaped), or one to come
            headers["Content-Security-Policy"] = _SENDS_FORMS
        return HTMLResponse(html, status, headers)

    def secret_page(
        self, template: str, reader: PageReader, status: int = 200, **variables: Any
    ) -> HTMLResponse:
        """A page for whoever has its address, or is signed in: found by no search engine, kept nowhere."""
        page = self.page(template, reader, status, **variables)
        page.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
        return page

    def not_there(self, reader: PageReader) -> HTMLResponse:
        """404, for people: nothing is at that address."""
        return self.page("lost.html", reader, 404, is_away=False)

    def away(self, reader: PageReader) -> HTMLResponse:
        """503, for people: what the page is about cannot be told just now."""
        page = self.page("lost.html", reader, 503, is_away=True)
        page.headers["Retry-After"] = "10"
        return page
