"""Who reads a page, as far as every page wants to know: their language, and whether they seem signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Query, Request

from chassis.languages import preferred
from services.portal.wording import LANGUAGES

_SESSION = "cococity-refresh"


@dataclass(frozen=True)
class PageReader:
    """Whoever asked for the page."""

    language: str
    path: str
    """Of the page, for links to it."""
    seems_signed_in: bool
    """Their browser has the cookie of a session: whether that is still good is asked where it matters."""
    person: str = ""
    """Their id, on pages for them alone: a browser keeps what they wrote for nobody else."""


async def _reader(
    request: Request,
    lang: Annotated[str | None, Query(max_length=10)] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> PageReader:
    language = lang if lang in LANGUAGES else preferred(accept_language, LANGUAGES)
    cookies = {name.removeprefix("__Host-") for name in request.cookies}
    return PageReader(language, request.url.path, _SESSION in cookies)


Reader = Annotated[PageReader, Depends(_reader)]
"""Whoever asked for the page; `?lang=` goes before what their browser wishes for."""
