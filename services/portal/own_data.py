"""Everything that is held about a person in one document, as JSON or to be read.

Each service is asked as that person. A document that lacks what one of them holds would look complete:
where one does not answer there is none, and it is said who is away.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.personal_data import PATH
from chassis.secret_cookie import SecretCookie
from services.portal.account_page import to_sign_in
from services.portal.neighbours import Neighbours, Unanswered
from services.portal.reader import PageReader, Reader
from services.portal.rendering import Renderer
from services.portal.sessions import Session, resumed

POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""People wrote what is in it: whatever that is, nothing runs and nothing is loaded."""

Held = dict[str, dict[str, list[dict[str, Any]]]]
"""By service and kind, rows as they are."""


class Incomplete(Exception):
    """Some services, by name, did not say what they hold."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


def router(neighbours: Neighbours, renderer: Renderer, cookie: SecretCookie) -> APIRouter:
    """The download of the account page: for the session of the browser's cookie."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.get("/account/data")
    async def download_my_data(
        reader: Reader,
        request: Request,
        form: Annotated[Literal["json", "html"], Query(alias="format")] = "json",
    ) -> Response:
        """Everything that every service holds about whoever is signed in (GDPR art. 15 and 20)."""
        session: Session | None = None
        try:
            session = await resumed(neighbours, cookie.read(request))
            if session is None:
                return to_sign_in(reader, cookie)
            held = await collect(neighbours, session.token)
            answer = _document(renderer, reader, form, held)
        except Unanswered:
            answer = _away(renderer, reader, ["directory"])
        except Incomplete as lacking:
            answer = _away(renderer, reader, lacking.missing)
        if session is not None:
            session.keep_in(answer, cookie)
        return answer

    return routes


async def collect(neighbours: Neighbours, token: str) -> Held:
    """What all services say, asked side by side as the person of `token`. Raises Incomplete."""

    async def ask(service: str) -> dict[str, Any] | None:
        try:
            told = await neighbours.send("GET", service, f"{PATH}/{service}", token=token)
        except Unanswered:
            return None
        data = told.body.get("data")
        return data if told.status == 200 and isinstance(data, dict) else None

    told = dict(zip(neighbours.names, await asyncio.gather(*map(ask, neighbours.names)), strict=True))
    held = {name: data for name, data in told.items() if data is not None}
    if len(held) < len(told):
        raise Incomplete([name for name in told if name not in held])
    return held


def _document(renderer: Renderer, reader: PageReader, form: str, held: Held) -> Response:
    made_at = datetime.now(UTC)
    if form == "html":
        answer: Response = renderer.secret_page("own_data.html", reader, 200, held=held, made_at=made_at)
        answer.headers["Content-Security-Policy"] = POLICY
    else:
        content = msgspec.json.encode({"made_at": made_at, "services": held})
        answer = Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})
    answer.headers["Content-Disposition"] = f'attachment; filename="cococity-{made_at:%Y-%m-%d}.{form}"'
    return answer


def _away(renderer: Renderer, reader: PageReader, missing: list[str]) -> Response:
    page = renderer.secret_page("own_data_away.html", reader, 503, missing=missing)
    page.headers["Retry-After"] = "10"
    return page
