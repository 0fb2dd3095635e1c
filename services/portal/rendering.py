"""How a page is answered: in the reader's language, under a strict policy."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query
from fastapi.responses import HTMLResponse

from chassis.languages import preferred
from services.portal.assets import Assets
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


async def _language(
    lang: Annotated[str | None, Query(max_length=10)] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> str:
    return lang if lang in LANGUAGES else preferred(accept_language, LANGUAGES)


Language = Annotated[str, Depends(_language)]


class Renderer:
    """Makes pages of templates."""

    def __init__(self, assets: Assets, services: tuple[str, ...]) -> None:
        self._assets = assets
        self._services = services

    def page(self, template: str, language: str, **variables: Any) -> HTMLResponse:
        """A page that may be kept for a moment, and sends nothing anywhere."""
        html = (
            environment(language)
            .get_template(template)
            .render(
                language=language,
                languages=LANGUAGES,
                asset=self._assets.url,
                services=self._services,
                **variables,
            )
        )
        headers = {"Content-Language": language, "Vary": "Accept-Language", **SECURITY_HEADERS}
        return HTMLResponse(html, headers=headers)

    def secret_page(self, template: str, language: str, status: int, **variables: Any) -> HTMLResponse:
        """A page for whoever has its address: found by no search engine, kept nowhere."""
        page = self.page(template, language, **variables)
        page.status_code = status
        page.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
        return page


def with_forms(page: HTMLResponse) -> HTMLResponse:
    """The page may send its forms to where it came from."""
    sends = {**_POLICY, "form-action": "'self'"}
    page.headers["Content-Security-Policy"] = "; ".join(f"{what} {source}" for what, source in sends.items())
    return page
