"""Signing in by mail, over HTTP: ask, then type the code here or follow the link anywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Response
from pydantic import StringConstraints

from chassis import limits
from chassis.access import PUBLIC
from chassis.http import Body, Db, Now, Shown
from chassis.languages import preferred
from chassis.limits import Limit
from chassis.network import Network
from chassis.openapi import problems
from services.directory.languages import LANGUAGES
from services.directory.people.addresses import EmailAddress
from services.directory.people.token_office import TokenOffice
from services.directory.sessions.answers import NOT_KEPT, SessionTokens, tokens_of
from services.directory.sessions.device import Device
from services.directory.sign_in import use_cases

MAILS_TO_ADDRESS = Limit("mails to sign in, by address", 40, timedelta(hours=1))
MAILS_TO_ADDRESS_FROM_NETWORK = Limit("mails to sign in, by address and network", 10, timedelta(hours=1))
"""The narrower one first: who asks for somebody else's mails in vain keeps them from nothing."""
MAILS_FROM_NETWORK = Limit("mails to sign in, by network", 60, timedelta(hours=1))
TRIES_FROM_NETWORK = Limit("codes and links tried, by network", 300, timedelta(hours=1))
"""A town hall or a school is one network to us."""


class AskMail(Body):
    """Who wants to sign in, and in which language the mail is; that of the browser where none is said."""

    email: EmailAddress
    language: Literal["fr", "nl", "de", "en"] | None = None


class MailAsked(Shown):
    """A mail with link and code is on its way, whoever the address belongs to."""

    browser_secret: str
    """Sent along with the code; whoever has the mail alone cannot use the code."""
    expires_at: datetime


class TypedCode(Body):
    """The six characters of the mail, typed where it was asked for."""

    browser_secret: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,100}$")]
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]


async def count_try(db: Db, network: Network, now: Now) -> None:
    """429 where too many codes and links were tried from this network."""
    await limits.count(db, TRIES_FROM_NETWORK, network, now())


def routes(office: TokenOffice) -> APIRouter:
    """The routes for programs; the page of the link is `page.py`."""
    router = APIRouter(prefix="/api/v1/sign-in", tags=["sign-in"], dependencies=[PUBLIC])
    _add_mail(router)
    _add_code(router, office)
    return router


def _add_mail(router: APIRouter) -> None:
    @router.post("/mail", response_model=MailAsked, status_code=202, responses=problems(429))
    async def ask_for_mail(
        *,
        asked: AskMail,
        response: Response,
        db: Db,
        now: Now,
        network: Network,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> MailAsked:
        """A mail with a link and a code. The answer is the same for every address, known or not."""
        await limits.count(db, MAILS_FROM_NETWORK, network, now())
        await limits.count(db, MAILS_TO_ADDRESS_FROM_NETWORK, f"{asked.email} {network}", now())
        await limits.count(db, MAILS_TO_ADDRESS, asked.email, now())
        language = asked.language or preferred(accept_language, LANGUAGES)
        async with db.transaction() as tx:
            sent = await use_cases.ask(tx, asked.email, language, now())
        response.headers.update(NOT_KEPT)
        return MailAsked(browser_secret=sent.browser_secret, expires_at=sent.expires_at)


def _add_code(router: APIRouter, office: TokenOffice) -> None:
    @router.post(
        "/code",
        response_model=SessionTokens,
        responses=problems(410, 429),
        dependencies=[Depends(count_try)],
    )
    async def sign_in_by_code(
        typed: TypedCode, response: Response, db: Db, now: Now, device: Device
    ) -> SessionTokens:
        """A session, for the code of the mail in the browser that asked for it; five tries for each mail."""
        session = await use_cases.by_code(db, typed.browser_secret, typed.code, device, now())
        return await tokens_of(session, db, office, response, now())
