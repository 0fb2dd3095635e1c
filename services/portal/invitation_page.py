"""The page that the mail of an invitation leads to, for people without a script.

A GET consumes nothing: mail filters follow links. Whatever is done is a form of this page, sent by POST,
and no other site can send it: nobody is to find themselves signed in as somebody else.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.secret_cookie import SecretCookie
from chassis.telemetry import conceal_path
from services.portal.forms import OF_THIS_SITE, Forwarded
from services.portal.invitations import Visit
from services.portal.neighbours import Neighbours
from services.portal.reader import Reader
from services.portal.rendering import Renderer


async def _conceal_token() -> None:
    """Who reads traces must not be able to accept in somebody's place."""
    conceal_path("/invitations/…")


def router(neighbours: Neighbours, renderer: Renderer, public_url: str, cookie: SecretCookie) -> APIRouter:
    """The page, and what its forms do."""
    # The path is concealed before anything refuses: that is read in traces, too.
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC, Depends(_conceal_token)])

    async def answered(visit: Visit, form: dict[str, str], refresh_token: str | None) -> Response:
        outcome = await visit.answer(form, refresh_token)
        person = visit.session.person if visit.session is not None else ""
        page = renderer.secret_page(
            "invitation.html",
            replace(visit.reader, person=person),
            outcome.status,
            host=urlsplit(public_url).hostname,
            state=outcome.state,
            offer=visit.offer,
            session=visit.session,
            **{"fault": None, "email": "", "browser_secret": "", **outcome.values},
        )
        if visit.session is not None:
            visit.session.keep_in(page, cookie)
        return page

    @routes.api_route("/invitations/{token}", methods=["GET", "HEAD"])
    async def show_invitation(token: str, reader: Reader, forwarded: Forwarded = "") -> Response:
        """Which role, where, from whom, until when; and two buttons."""
        return await answered(Visit(neighbours, token, reader, forwarded), {}, None)

    @routes.post("/invitations/{token}", dependencies=[OF_THIS_SITE])
    async def answer_invitation(
        *,
        token: str,
        reader: Reader,
        request: Request,
        forwarded: Forwarded = "",
    ) -> Response:
        """The next step: sign in, accept, or decline."""
        visit = Visit(neighbours, token, reader, forwarded)
        return await answered(visit, await form_of(request), cookie.read(request))

    return routes
