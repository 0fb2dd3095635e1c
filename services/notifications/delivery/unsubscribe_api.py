"""The link in every mail. A POST unsubscribes at once, without cookies or a question (RFC 8058).

A GET only asks: mail filters follow links, and must not unsubscribe anybody by that. With `kind` it is about
that kind of news alone.
"""

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.access import PUBLIC
from chassis.http import Db, Now
from chassis.languages import preferred
from chassis.openapi import problems
from chassis.problems import not_found
from chassis.telemetry import conceal_path
from services.notifications.delivery.leaving import come_back, is_of_kind, leave
from services.notifications.languages import LANGUAGES, translations

PREFIX = "/api/v1/notifications/unsubscribe"


async def _conceal_token() -> None:
    """Who reads traces must not be able to unsubscribe anybody."""
    conceal_path(f"{PREFIX}/…")


router = APIRouter(prefix=PREFIX, tags=["preferences"], dependencies=[PUBLIC, Depends(_conceal_token)])

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,64}$")]
Kind = Annotated[str | None, Query(max_length=64, description="Of this kind of news alone.")]
AcceptLanguage = Annotated[str | None, Header()]

TEMPLATES = FilePath(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


@router.get("/{token}", response_class=HTMLResponse)
async def ask(token: Token, kind: Kind = None, accept_language: AcceptLanguage = None) -> HTMLResponse:
    """A page with two buttons, for people who follow the link: out, and back in."""
    return _page("ask", token, kind, accept_language)


@router.post("/{token}", response_class=HTMLResponse)
async def stop_mails(
    token: Token, database: Db, now: Now, kind: Kind = None, accept_language: AcceptLanguage = None
) -> HTMLResponse:
    """No more mails, or none of that kind, from now on. Whatever the body says; doing it twice is fine."""
    async with database.transaction() as tx:
        if not await leave(tx, token, kind, now()):
            raise not_found("subscription")
    return _page("out", token, kind, accept_language)


@router.post("/{token}/back", response_class=HTMLResponse, responses=problems(404))
async def have_mails_again(
    token: Token, database: Db, now: Now, kind: Kind = None, accept_language: AcceptLanguage = None
) -> HTMLResponse:
    """Mails again, as before one left by this link; 404 where something else was chosen since."""
    async with database.transaction() as tx:
        if not await come_back(tx, token, kind, now()):
            raise not_found("subscription")
    return _page("back", token, kind, accept_language)


def _page(done: str, token: str, kind: str | None, accept_language: str | None) -> HTMLResponse:
    language = preferred(accept_language, LANGUAGES)
    query = f"?kind={kind}" if is_of_kind(kind) else ""
    body = _pages.get_template("unsubscribe.html").render(
        language=language,
        done=done,
        of_kind=bool(query),
        out=f"{PREFIX}/{token}{query}",
        back=f"{PREFIX}/{token}/back{query}",
        _=translations(language).ugettext,
    )
    headers = {
        "Content-Language": language,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    }
    return HTMLResponse(body, headers=headers)
