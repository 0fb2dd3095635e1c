"""The page that the mail of an invitation leads to, for people without a script.

A GET consumes nothing: mail filters follow links. Whatever is done is a form of this page, sent by POST,
and no other site can send it: nobody is to find themselves signed in as somebody else.
"""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.telemetry import conceal_path
from services.portal.forms import OF_THIS_SITE, Forwarded, RefreshToken
from services.portal.invitations import Visit
from services.portal.neighbours import Neighbours
from services.portal.rendering import Language, Renderer, with_forms


def router(neighbours: Neighbours, renderer: Renderer, public_url: str) -> APIRouter:
    """The page, and what its forms do."""
    here = urlsplit(public_url)
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    async def answered(visit: Visit, form: dict[str, str], cookie: str | None) -> Response:
        conceal_path("/invitations/…")
        outcome = await visit.answer(form, cookie)
        page = renderer.secret_page(
            "invitation.html",
            visit.language,
            outcome.status,
            place="",
            host=here.hostname,
            state=outcome.state,
            offer=visit.offer,
            session=visit.session,
            **{"fault": None, "email": "", "browser_secret": "", **outcome.values},
        )
        if visit.session is not None:
            visit.session.keep_in(page, is_secure=here.scheme == "https")
        return with_forms(page)

    @routes.api_route("/invitations/{token}", methods=["GET", "HEAD"])
    async def show_invitation(token: str, language: Language, forwarded: Forwarded = "") -> Response:
        """Which role, where, from whom, until when; and two buttons."""
        return await answered(Visit(neighbours, token, language, forwarded), {}, None)

    @routes.post("/invitations/{token}", dependencies=[OF_THIS_SITE])
    async def answer_invitation(
        *,
        token: str,
        language: Language,
        request: Request,
        cookie: RefreshToken = None,
        forwarded: Forwarded = "",
    ) -> Response:
        """The next step: sign in, accept, or decline."""
        return await answered(Visit(neighbours, token, language, forwarded), await form_of(request), cookie)

    return routes
