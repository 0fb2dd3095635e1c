"""The pages to sign in at a city's identity provider, without a script.

The button's answer is a page that leads on by itself: redirected, the form would have to be allowed to send
to every provider there is. What proves on return that it is the same browser is in a cookie meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.http import Now
from chassis.secret_cookie import SecretCookie
from services.portal.city_sign_in import Departure, Provider, arrive, depart, providers
from services.portal.forms import OF_THIS_SITE, Device, Forwarded
from services.portal.neighbours import Neighbours, Unanswered
from services.portal.reader import PageReader, Reader
from services.portal.rendering import Renderer
from services.portal.sessions import Session, resumed
from services.portal.signing_in import Browser, Outcome

PATH = "/sign-in/at"
_AWAY = Outcome("away", 503)
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class _Pages:
    """What all of them are made with."""

    neighbours: Neighbours
    renderer: Renderer
    kept: SecretCookie
    """Of a session."""
    departed: SecretCookie
    """Of a sign-in under way."""

    async def shown(self, reader: PageReader, outcome: Outcome) -> Response:
        """With a button for each city, but where one leads on."""
        known: list[Provider] = []
        if outcome.state != "leaving":
            try:
                known = await providers(self.neighbours)
            except Unanswered:
                outcome = _AWAY
        values: dict[str, Any] = {"fault": None, "url": "", "providers": known, **outcome.values}
        return self.renderer.secret_page(
            "city_sign_in.html", reader, outcome.status, state=outcome.state, **values
        )


def router(
    neighbours: Neighbours, renderer: Renderer, kept: SecretCookie, departed: SecretCookie
) -> APIRouter:
    """The choice, the way there, and the way back."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    pages = _Pages(neighbours, renderer, kept, departed)

    @routes.api_route(PATH, methods=["GET", "HEAD"])
    async def choose_city(reader: Reader) -> Response:
        """A button for each city."""
        return await pages.shown(reader, Outcome("choose"))

    _add_way_there(routes, pages)
    _add_way_back(routes, pages)
    return routes


def _add_way_there(routes: APIRouter, pages: _Pages) -> None:
    @routes.post(PATH + "/{provider}", dependencies=[OF_THIS_SITE])
    async def leave(
        *, provider: str, request: Request, reader: Reader, now: Now, forwarded: Forwarded = ""
    ) -> Response:
        """On to the provider; whoever is signed in and wishes so connects the account they have here."""
        session: Session | None = None
        left: Departure | Outcome
        try:
            if (await form_of(request)).get("connect"):
                session = await resumed(pages.neighbours, pages.kept.read(request))
                if session is None:
                    return _to("/sign-in", reader)
            browser = Browser(reader.language, forwarded)
            left = await depart(pages.neighbours, browser, provider, session, now())
        except Unanswered:
            left = _AWAY
        if isinstance(left, Departure):
            page = await pages.shown(reader, Outcome("leaving", values={"url": left.url}))
            pages.departed.keep(page, left.ticket, left.until)
        else:
            page = await pages.shown(reader, left)
        if session is not None:  # the browser's cookie is used up
            session.keep_in(page, pages.kept)
        return page


def _add_way_back(routes: APIRouter, pages: _Pages) -> None:
    @routes.get(PATH + "/{provider}")
    async def come_back(
        *, provider: str, request: Request, reader: Reader, forwarded: Forwarded = "", device: Device = ""
    ) -> Response:
        """Signed in, one goes on to one's account; otherwise the page says why not, and where else."""
        back, browser = dict(request.query_params), Browser(reader.language, forwarded, device)
        if not {"code", "error"} & back.keys():
            return _to(PATH, reader)
        found: Session | Outcome
        try:
            found = await arrive(pages.neighbours, browser, provider, pages.departed.read(request), back)
        except Unanswered:
            found = _AWAY
        if isinstance(found, Outcome):
            answer = await pages.shown(reader, found)
        else:
            answer = _to("/account", reader)
            found.keep_in(answer, pages.kept)
        pages.departed.forget(answer)
        return answer


def _to(path: str, reader: PageReader) -> Response:
    return RedirectResponse(f"{path}?lang={reader.language}", 303, _NO_STORE)
