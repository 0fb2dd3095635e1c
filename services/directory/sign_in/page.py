"""The link in the mail. A GET shows whom it signs in, and a button; only the POST of that button does it.

Mail filters follow links, and must not use them up. A page of another site cannot press the button: nobody
is to find themselves signed in as somebody else.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.access import PUBLIC
from chassis.http import Db, Now
from chassis.languages import preferred
from chassis.openapi import problems
from chassis.problems import Problem, forbidden
from chassis.secret_cookie import refresh_cookie
from chassis.telemetry import conceal_path
from services.directory.languages import LANGUAGES, translations
from services.directory.people.token_office import TokenOffice
from services.directory.sessions.answers import SessionTokens, tokens_of
from services.directory.sessions.device import Device
from services.directory.sign_in import use_cases
from services.directory.sign_in.api import count_try
from services.directory.sign_in.use_cases import LINK_PATH

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
}

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,64}$")]
AcceptLanguage = Annotated[str | None, Header()]
_pages = Environment(
    loader=FileSystemLoader(FilePath(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


async def _conceal_token() -> None:
    """Who reads traces must not be able to sign in as anybody."""
    conceal_path(f"{LINK_PATH}/…")


_PAGE: dict[str, Any] = {"content": {"text/html": {}}}
_PROBLEM = problems(410)[410]
_PAGE_OR_PROBLEM = {**_PROBLEM, "content": {**_PROBLEM["content"], **_PAGE["content"]}}


def routes(office: TokenOffice, public_url: str) -> APIRouter:
    """The page, and what its button does."""
    router = APIRouter(prefix=LINK_PATH, tags=["sign-in"], dependencies=[PUBLIC, Depends(_conceal_token)])
    _add_page(router)
    _add_button(router, office, public_url)
    return router


def _add_page(router: APIRouter) -> None:
    @router.get("/{token}", response_class=HTMLResponse, responses={410: _PAGE})
    async def show_link(
        token: Token, db: Db, now: Now, accept_language: AcceptLanguage = None
    ) -> HTMLResponse:
        """A page with one button, for people who follow the link; it changes nothing."""
        async with db.connection() as connection:
            email = await use_cases.address_of_link(connection, token, now())
        if email is None:
            return _page(accept_language, "over", status=410)
        return _page(accept_language, "ask", email=email)


def _add_button(router: APIRouter, office: TokenOffice, public_url: str) -> None:
    @router.post(
        "/{token}",
        response_model=SessionTokens,
        responses={**problems(403, 429), 200: _PAGE, 410: _PAGE_OR_PROBLEM},
        dependencies=[Depends(count_try)],
    )
    async def sign_in_by_link(
        token: Token,
        response: Response,
        db: Db,
        now: Now,
        *,
        device: Device,
        accept: Annotated[str, Header()] = "",
        accept_language: AcceptLanguage = None,
        sec_fetch_site: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> SessionTokens | HTMLResponse:
        """A session, here: as JSON for a program that accepts that, in a cookie with a page for a browser."""
        if sec_fetch_site not in (None, "same-origin", "none"):
            raise forbidden("Another site cannot sign you in here.")
        wants_page = "application/json" not in accept
        try:
            async with db.transaction() as tx:
                session = await use_cases.by_link(tx, token, device, now())
        except Problem as problem:
            if problem.status != 410 or not wants_page:
                raise
            return _page(accept_language, "over", status=410)
        tokens = await tokens_of(session, db, office, response, now())
        if not wants_page:
            return tokens
        page = _page(accept_language, "done", home=f"{public_url}/")
        refresh_cookie(public_url).keep(page, tokens.refresh_token, tokens.refresh_expires_at)
        return page


def _page(accept_language: str | None, state: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    language = preferred(accept_language, LANGUAGES)
    body = _pages.get_template("link.html").render(
        {"state": state, "language": language, "_": translations(language).ugettext, **values}
    )
    return HTMLResponse(body, status, headers=_HEADERS | {"Content-Language": language})
