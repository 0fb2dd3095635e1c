"""The page that the mail of an invitation leads to, for people without a script.

A GET consumes nothing: mail filters follow links. Whatever is done is a form of this page, sent by POST,
and no other site can send it: nobody is to find themselves signed in as somebody else.
"""

from typing import Annotated

from fastapi import APIRouter, Cookie, Header, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.problems import forbidden
from chassis.telemetry import conceal_path
from services.portal.invitations import Visit
from services.portal.neighbours import Neighbours
from services.portal.rendering import Language, Renderer, with_forms
from services.portal.sessions import COOKIE

_OF_THIS_SITE = {None, "same-origin", "none"}

RefreshToken = Annotated[str | None, Cookie(alias=COOKIE)]
Forwarded = Annotated[str, Header(alias="X-Forwarded-For")]


def router(neighbours: Neighbours, renderer: Renderer, *, is_secure: bool) -> APIRouter:
    """The page, and what its forms do."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    async def answered(visit: Visit, form: dict[str, str], cookie: str | None) -> Response:
        conceal_path("/invitations/…")
        outcome = await visit.answer(form, cookie)
        page = renderer.secret_page(
            "invitation.html",
            visit.language,
            outcome.status,
            place="",
            state=outcome.state,
            offer=visit.offer,
            session=visit.session,
            **{"fault": None, "email": "", "browser_secret": "", **outcome.values},
        )
        if visit.session is not None:
            visit.session.keep_in(page, is_secure=is_secure)
        return with_forms(page)

    @routes.api_route("/invitations/{token}", methods=["GET", "HEAD"])
    async def show_invitation(token: str, language: Language, forwarded: Forwarded = "") -> Response:
        """Which role, where, from whom, until when; and two buttons."""
        return await answered(Visit(neighbours, token, language, forwarded), {}, None)

    @routes.post("/invitations/{token}")
    async def answer_invitation(
        *,
        token: str,
        language: Language,
        request: Request,
        cookie: RefreshToken = None,
        forwarded: Forwarded = "",
        sec_fetch_site: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The next step: sign in, accept, or decline."""
        if sec_fetch_site not in _OF_THIS_SITE:
            raise forbidden("Another site cannot answer for you.")
        return await answered(Visit(neighbours, token, language, forwarded), await form_of(request), cookie)

    return routes
