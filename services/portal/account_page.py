"""The account: what somebody proves with, set up and removed; without a script but for passkeys."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.secret_cookie import SecretCookie
from services.portal.accounts import Account, Factors
from services.portal.forms import OF_THIS_SITE, Forwarded
from services.portal.neighbours import Neighbours, Unanswered
from services.portal.reader import PageReader, Reader
from services.portal.rendering import Renderer
from services.portal.sessions import resumed
from services.portal.signing_in import Outcome

_NOTHING = {"done": None, "fault": None, "codes": (), "secret": "", "qr": "", "sessions": ()}


def router(neighbours: Neighbours, renderer: Renderer, cookie: SecretCookie) -> APIRouter:
    """The page, its forms, and what a passkey is to sign."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    def shown(
        reader: PageReader, account: Account | None, factors: Factors | None, outcome: Outcome
    ) -> Response:
        page = _page(renderer, reader, account, factors, outcome)
        if account:
            account.session.keep_in(page, cookie)
        return page

    async def answered(
        reader: PageReader, request: Request, forwarded: str, form: dict[str, str]
    ) -> Response:
        account = None
        try:
            account = await _entered(neighbours, cookie.read(request), forwarded)
            if form.get("do") == "sign-out":
                if account is not None:
                    await account.sign_out()
                return signed_out(reader, cookie)
            if account is None:
                return to_sign_in(reader, cookie)
            outcome = await account.do(form)
            if outcome.state == "over":
                return to_sign_in(reader, cookie)
            values = {**outcome.values, "sessions": await account.sessions()}
            outcome = replace(outcome, values=values)
            return shown(reader, account, await account.factors(), outcome)
        except Unanswered:
            return shown(reader, account, None, Outcome("away", 503))

    @routes.api_route("/account", methods=["GET", "HEAD"])
    async def show_account(reader: Reader, request: Request, forwarded: Forwarded = "") -> Response:
        """What one proves with; to the page to sign in for whoever is not."""
        return await answered(reader, request, forwarded, {})

    @routes.post("/account", dependencies=[OF_THIS_SITE])
    async def change_account(reader: Reader, request: Request, forwarded: Forwarded = "") -> Response:
        """What a form of the page does."""
        return await answered(reader, request, forwarded, await form_of(request))

    @routes.post("/account/challenge/{purpose}", dependencies=[OF_THIS_SITE])
    async def ask_passkey(
        purpose: Literal["add", "give"], request: Request, forwarded: Forwarded = ""
    ) -> Response:
        """What the browser asks a passkey to sign."""
        try:
            account = await _entered(neighbours, cookie.read(request), forwarded)
            if account is None:
                return JSONResponse({}, 401)
            told = await account.challenge(purpose)
        except Unanswered:
            return JSONResponse({}, 503)
        answer = JSONResponse(dict(told.body), told.status, {"Cache-Control": "no-store"})
        account.session.keep_in(answer, cookie)
        return answer

    return routes


async def _entered(neighbours: Neighbours, cookie: str | None, forwarded: str) -> Account | None:
    session = await resumed(neighbours, cookie)
    return Account(neighbours, session, forwarded) if session else None


def _page(
    renderer: Renderer, reader: PageReader, account: Account | None, factors: Factors | None, outcome: Outcome
) -> Response:
    values = {**_NOTHING, **outcome.values}
    values["qr"] = b64encode(values["qr"].encode()).decode()
    name = account.session.display_name if account else None
    shown = {"place": "", "state": outcome.state, "factors": factors, "name": name, **values}
    known = replace(reader, person=account.session.person if account else "")
    return renderer.secret_page("account.html", known, outcome.status, **shown)


def signed_out(reader: PageReader, cookie: SecretCookie) -> Response:
    """For who signed out: nothing stays in the browser of what waited to be sent, nor of the app."""
    answer = to_sign_in(reader, cookie)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def to_sign_in(reader: PageReader, cookie: SecretCookie) -> Response:
    """For whoever has no session: the browser's cookie is worth nothing, and goes."""
    answer = RedirectResponse(f"/sign-in?lang={reader.language}", 303, {"Cache-Control": "no-store"})
    cookie.forget(answer)
    return answer
