"""The page to sign in: by a code from a mail without a script, by a passkey with one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.secret_cookie import SecretCookie
from services.portal.forms import OF_THIS_SITE, Device, Forwarded
from services.portal.neighbours import Neighbours, Unanswered, part
from services.portal.reader import PageReader, Reader
from services.portal.rendering import Renderer
from services.portal.sessions import Session, session_of
from services.portal.signing_in import Browser, Outcome, ask_for_mail, by_code

PASSKEY = "/api/v1/sign-in/passkey"
DEMO = "/api/v1/sign-in/demo"
_OF_OURS = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}")
"""A path here. What browsers read as another host (`//…`, `/\\…`) is none."""


async def _goes_on(after: Annotated[str, Query(alias="next", max_length=2000)] = "") -> str:
    return after if _OF_OURS.fullmatch(after) else ""


GoesOn = Annotated[str, Depends(_goes_on)]
"""Where somebody goes on once they have signed in; empty for their account, and for what is no path here."""


def router(
    neighbours: Neighbours, renderer: Renderer, cookie: SecretCookie, *, demo: bool = False
) -> APIRouter:
    """The page, its forms, and what a passkey is to sign; in a demo, its persons to act as."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    async def shown(reader: PageReader, outcome: Outcome, goes_on: str) -> Response:
        persons = await _demo_persons(neighbours) if demo and outcome.state == "who" else ()
        values = {
            "fault": None, "email": "", "browser_secret": "", "persons": persons, **outcome.values
        }  # fmt: skip
        place = f"{urlencode({'next': goes_on})}&" if goes_on else ""
        return renderer.secret_page(
            "sign_in.html", reader, outcome.status, place=place, state=outcome.state, **values
        )

    @routes.api_route("/sign-in", methods=["GET", "HEAD"])
    async def show_sign_in(reader: Reader, goes_on: GoesOn) -> Response:
        """Two ways in."""
        return await shown(reader, Outcome("who"), goes_on)

    @routes.post("/sign-in", dependencies=[OF_THIS_SITE])
    async def sign_in(
        *, reader: Reader, goes_on: GoesOn, request: Request, forwarded: Forwarded = "", device: Device = ""
    ) -> Response:
        """The next step; signed in, one goes on to what one came for, or to one's account."""
        browser = Browser(reader.language, forwarded, device)
        try:
            found = await _step(neighbours, browser, await form_of(request))
        except Unanswered:
            found = Outcome("away", 503)
        if isinstance(found, Outcome):
            return await shown(reader, found, goes_on)
        to = goes_on or f"/account?lang={reader.language}"
        answer = RedirectResponse(to, 303, {"Cache-Control": "no-store"})
        found.keep_in(answer, cookie)
        return answer

    @routes.post("/sign-in/challenge", dependencies=[OF_THIS_SITE])
    async def ask_passkey(forwarded: Forwarded = "") -> Response:
        """What the browser asks a passkey to sign."""
        try:
            answer = await neighbours.post("directory", f"{PASSKEY}/challenge", {}, network=forwarded)
        except Unanswered:
            return JSONResponse({}, 503)
        return JSONResponse(dict(answer.body), answer.status, {"Cache-Control": "no-store"})

    return routes


async def _demo_persons(neighbours: Neighbours) -> Sequence[Mapping[str, Any]]:
    """Whom one may act as; nobody where the directory does not say."""
    told = await part(neighbours.get("directory", DEMO))
    persons: Sequence[Mapping[str, Any]] = (told or {}).get("items", ())
    return persons


async def _step(neighbours: Neighbours, browser: Browser, form: Mapping[str, str]) -> Session | Outcome:
    match form.get("do"):
        case "mail":
            return await ask_for_mail(neighbours, browser, form.get("email", "").strip())
        case "code":
            return await by_code(neighbours, browser, form)
        case "passkey":
            body = {"credential": credential_of(form)}
            answer = await neighbours.post(
                "directory", PASSKEY, body, network=browser.network, device=browser.device
            )
            if answer.status == 200:
                return session_of(answer.body)
            fault = "too often" if answer.status == 429 else "passkey"
            return Outcome("who", answer.status, {"fault": fault})
        case "demo":
            asked = {"person": form.get("person", "")}
            answer = await neighbours.post("directory", DEMO, asked, device=browser.device)
            return session_of(answer.body) if answer.status == 200 else Outcome("who", answer.status)
        case _:
            return Outcome("who")


def credential_of(form: Mapping[str, str]) -> dict[str, Any]:
    """What the browser's script put into the form; nothing where that is no JSON object."""
    try:
        found = json.loads(form.get("credential", ""))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
