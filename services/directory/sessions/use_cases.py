"""A session begins, goes on by its refresh token, and ends.

A refresh token is used once. Its successor is not stored: it is made of the token and a salt that the row
keeps for half a minute, so that parallel refreshes get the same one, while neither the database alone nor
an old token alone leads to it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from jwt.utils import base64url_encode
from sqlalchemy import RowMapping

from chassis.database import Database, Transaction
from chassis.identity import Principal
from chassis.ids import new_id
from chassis.problems import Problem, forbidden, unauthorised
from services.directory.sessions import storage
from services.directory.sessions.carried import is_strong, without_second_factors
from services.directory.sessions.domain import STRONG_FOR, Presented, expiry, presented

_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Open:
    """A session that goes on, with the secret that makes it go on next time."""

    id: UUID
    person_id: UUID
    methods: tuple[str, ...]
    refresh_token: str
    expires_at: datetime


async def begin(
    tx: Transaction, person_id: UUID, methods: Sequence[str], device: str | None, at: datetime
) -> Open:
    """The person signed in by these methods (`amr`), with what the browser says it is."""
    begun = Open(
        new_id(), person_id, tuple(methods), secrets.token_urlsafe(_TOKEN_BYTES), expires_at=expiry(at, at)
    )
    row = {
        "id": begun.id,
        "person_id": person_id,
        "methods": list(methods),
        "device": device,
        "began_at": at,
        "used_at": at,
        "expires_at": begun.expires_at,
        "strengthened_at": at if is_strong(methods) else None,
    }
    await storage.add(tx, row)
    await storage.add_token(tx, _hash(begun.refresh_token), begun.id, at)
    return begun


async def current(tx: Transaction, principal: Principal, at: datetime) -> RowMapping:
    """The session of the token, locked. Raises a 403 Problem without one, 401 where it is over."""
    if principal.session_id is None:
        raise forbidden("This is done in a session: sign in.")
    found = await storage.lock_own(tx, principal.session_id, principal.person_id, at)
    if found is None:
        raise unauthorised("The session is over: sign in again.", "session-over")
    return found


async def strengthen(tx: Transaction, session: RowMapping, methods: Sequence[str], at: datetime) -> Open:
    """A second factor was given in the session, which is locked: it goes on by a new refresh token alone.

    Whoever copied the former one when it was worth less has nothing of it now.
    """
    token, until = secrets.token_urlsafe(_TOKEN_BYTES), expiry(session["began_at"], at)
    known = (*session["methods"], *(each for each in methods if each not in session["methods"]))
    await storage.strengthened(tx, session["id"], known, at)
    await storage.replace_all(tx, session["id"], at)
    await storage.add_token(tx, _hash(token), session["id"], at)
    await storage.used(tx, session["id"], at, until)
    return Open(session["id"], session["person_id"], known, token, until)


async def weaken(
    tx: Transaction, person_id: UUID, methods: Collection[str], at: datetime, *, but: UUID | None = None
) -> None:
    """What gave the person's sessions one of these methods is theirs no more: each waits for a second factor.

    One that was begun by it alone ends. `but` is left as it is. The person is locked.
    """
    for found in await storage.lock_with(tx, person_id, methods):
        left = without_second_factors(found["methods"])
        if found["id"] == but:
            continue
        if left:
            await storage.weakened(tx, found["id"], left)
        else:
            await storage.end(tx, found["id"], by="removal", at=at)


async def refresh(database: Database, token: str, at: datetime) -> Open:
    """The session goes on with a new refresh token. Raises a 401 Problem where it does not.

    That a reused token ends the session is committed, although the answer is a refusal.
    """
    async with database.transaction() as tx:
        outcome = await _refreshed(tx, token, at)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def _refreshed(tx: Transaction, token: str, at: datetime) -> Open | Problem:
    token_hash = _hash(token)
    found = await storage.lock_by_token(tx, token_hash)
    if found is None or found["ended_at"] is not None or found["expires_at"] <= at:
        return unauthorised("The session is over: sign in again.", "session-over")
    row = await storage.token_by_hash(tx, token_hash)
    match presented(row["replaced_at"], at):
        case Presented.REUSED:
            await storage.end(tx, found["id"], by="reuse", at=at)
            return unauthorised("This was used before. The session was ended: sign in again.", "session-over")
        case Presented.REPLACED_JUST_NOW if row["salt"] is not None:
            successor = _successor(token, row["salt"])
        case Presented.REPLACED_JUST_NOW:  # a process whose clock is ahead has forgotten the salt
            return unauthorised("The session is over: sign in again.", "session-over")
        case Presented.CURRENT:
            salt = secrets.token_bytes(_TOKEN_BYTES)
            successor = _successor(token, salt)
            await storage.replace(tx, token_hash, salt, at)
            await storage.add_token(tx, _hash(successor), found["id"], at)
    until = expiry(found["began_at"], at)
    await storage.used(tx, found["id"], at, until)
    return Open(found["id"], found["person_id"], _methods(found, at), successor, until)


def _methods(session: RowMapping, at: datetime) -> tuple[str, ...]:
    given_at = session["strengthened_at"]
    if given_at is not None and at - given_at > STRONG_FOR:
        return without_second_factors(session["methods"])
    return tuple(session["methods"])


def _successor(token: str, salt: bytes) -> str:
    return base64url_encode(hmac.digest(token.encode(), salt, "sha256")).decode()


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
