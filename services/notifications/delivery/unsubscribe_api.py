"""The link in every mail. A POST unsubscribes at once, without cookies or a question (RFC 8058).

A GET only asks: mail filters follow links, and must not unsubscribe anybody by that.
"""

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.access import PUBLIC
from chassis.http import Db
from chassis.languages import preferred
from chassis.problems import not_found
from chassis.telemetry import conceal_path
from services.notifications.delivery.preferences import unsubscribe
from services.notifications.languages import LANGUAGES, translations

PREFIX = "/api/v1/notifications/unsubscribe"


async def _conceal_token() -> None:
    """Who reads traces must not be able to unsubscribe anybody."""
    conceal_path(f"{PREFIX}/…")


router = APIRouter(prefix=PREFIX, tags=["preferences"], dependencies=[PUBLIC, Depends(_conceal_token)])

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,64}$")]
AcceptLanguage = Annotated[str | None, Header()]

TEMPLATES = FilePath(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


@router.get("/{token}", response_class=HTMLResponse)
async def ask(
    _token: Annotated[str, Path(alias="token")], accept_language: AcceptLanguage = None
) -> HTMLResponse:
    """A page with one button, for people who follow the link."""
    return _page(accept_language, done=False)


@router.post("/{token}", response_class=HTMLResponse)
async def stop_mails(token: Token, database: Db, accept_language: AcceptLanguage = None) -> HTMLResponse:
    """No more mails, from now on. Whatever the body says; doing it twice is fine."""
    async with database.transaction() as tx:
        if not await unsubscribe(tx, token):
            raise not_found("subscription")
    return _page(accept_language, done=True)


def _page(accept_language: str | None, *, done: bool) -> HTMLResponse:
    language = preferred(accept_language, LANGUAGES)
    body = _pages.get_template("unsubscribe.html").render(
        language=language, done=done, _=translations(language).ugettext
    )
    headers = {
        "Content-Language": language,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    }
    return HTMLResponse(body, headers=headers)
