"""Signing in by mail: asked for, and done once, by code in the browser that asked or by link anywhere.

Nothing here looks whether somebody knows the address before the mail is answered: whoever asks learns
nothing by the answer or by how long it takes. An address nobody knew becomes a person by signing in.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, Update, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database, Transaction
from chassis.ids import new_id
from chassis.problems import Problem
from services.directory import mails
from services.directory.people import storage as people
from services.directory.sessions import use_cases as sessions
from services.directory.sessions.carried import MAIL
from services.directory.sign_in.domain import ALPHABET, CODE_LENGTH, GOOD_FOR, MOST_TRIES, as_typed
from services.directory.sign_in.tables import sign_in_request
from services.directory.sign_in.words import KIND

LINK_PATH = "/api/v1/sign-in/link"
_SECRET_BYTES = 32


class Asked(NamedTuple):
    """What the browser that asked keeps."""

    browser_secret: str
    expires_at: datetime


async def ask(tx: Transaction, email: str, language: str, at: datetime) -> Asked:
    """Send link and code to the address (in its one form), whoever it belongs to."""
    link, browser = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    values: dict[str, Any] = {
        "id": new_id(),
        "email": email,
        "language": language,
        "link_hash": _hash(link),
        "browser_hash": _hash(browser),
        "code_hash": _code_hash(code, browser),
        "expires_at": at + GOOD_FOR,
        "tries": 0,
    }
    await tx.execute(insert(sign_in_request).values(values))
    data = {"code": code, "path": f"{LINK_PATH}/{link}"}
    await mails.queue(tx, to=email, language=language, kind=KIND, data=data, now=at, good_for=GOOD_FOR)
    return Asked(browser, at + GOOD_FOR)


async def address_of_link(connection: AsyncConnection, link: str, at: datetime) -> str | None:
    """Whom the link would sign in; None where it is good for nobody (any more). Consumes nothing."""
    found = select(sign_in_request.c.email).where(
        sign_in_request.c.link_hash == _hash(link),
        sign_in_request.c.used_at.is_(None),
        sign_in_request.c.expires_at > at,
    )
    email: str | None = (await connection.execute(found)).scalar_one_or_none()
    return email


async def by_link(tx: Transaction, link: str, device: str | None, at: datetime) -> sessions.Open:
    """A session for whoever holds the link; 410 where it is good for nobody (any more)."""
    used = await _use(tx, update(sign_in_request).where(sign_in_request.c.link_hash == _hash(link)), at)
    if used is None:
        raise _worthless()
    return await _signed_in(tx, used, device, at)


async def by_code(
    database: Database, browser_secret: str, code: str, device: str | None, at: datetime
) -> sessions.Open:
    """A session for the browser that asked, by the code; 410 where it is wrong, or good no more.

    A wrong code is counted in a transaction of its own, before it is compared: parallel tries count too.
    """
    browser = _hash(browser_secret)
    if not await _one_more_try(database, browser, at):
        raise _worthless()
    expected = _code_hash(as_typed(code), browser_secret)
    async with database.transaction() as tx:
        asked = update(sign_in_request).where(
            sign_in_request.c.browser_hash == browser, sign_in_request.c.code_hash == expected
        )
        used = await _use(tx, asked, at)
        if used is None:
            raise _worthless()
        return await _signed_in(tx, used, device, at)


async def _one_more_try(database: Database, browser: bytes, at: datetime) -> bool:
    trying = update(sign_in_request).where(
        sign_in_request.c.browser_hash == browser,
        sign_in_request.c.used_at.is_(None),
        sign_in_request.c.expires_at > at,
        sign_in_request.c.tries < MOST_TRIES,
    )
    async with database.transaction() as tx:
        return (await tx.execute(trying.values(tries=sign_in_request.c.tries + 1))).rowcount == 1


async def _use(tx: Transaction, asked: Update, at: datetime) -> RowMapping | None:
    """Of any number who try at the same time, one gets the row."""
    using = asked.where(sign_in_request.c.used_at.is_(None), sign_in_request.c.expires_at > at)
    rows = await tx.execute(
        using.values(used_at=at).returning(sign_in_request.c.email, sign_in_request.c.language)
    )
    return rows.mappings().first()


async def _signed_in(tx: Transaction, used: RowMapping, device: str | None, at: datetime) -> sessions.Open:
    person_id = await people.person_of_address(tx, used["email"], used["language"], at)
    return await sessions.begin(tx, person_id, [MAIL], device, at)


def _worthless() -> Problem:
    return Problem(
        410,
        "sign-in-over",
        "Not valid any more",
        "Link or code were used, are too old or were wrong too often. Ask for another mail.",
    )


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _code_hash(code: str, browser_secret: str) -> bytes:
    return hmac.digest(browser_secret.encode(), code.encode("utf-8", "surrogatepass"), "sha256")
