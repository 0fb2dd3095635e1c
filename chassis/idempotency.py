"""A POST that creates may be sent twice, with one effect: `Idempotency-Key`.

The answer is stored in the use case's own transaction, so it exists exactly if the effect does. The key
is claimed *behind* the work, together with the answer: one statement instead of two, and no row that is
written and then updated. What makes that safe is that the work's effects are rows alone: where the key
turns out to be taken, they are rolled back and the stored answer is given.

The claim is also where a person who is being erased at the same moment is stopped: it waits for the
erasure, or the erasure waits for it and finds what it wrote (`chassis/writing.py`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Header, Request
from sqlalchemy import Integer, LargeBinary, String, bindparam, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from chassis.compiled import Compiled
from chassis.database import Database
from chassis.identity import MaybeSignedIn, SignedIn
from chassis.problems import Problem, conflict
from chassis.writing import erased, may_still_write

KEPT = timedelta(hours=24)
"""How long an answer is repeated. The same key is a new one afterwards."""
REPLAYED_HEADER = "Idempotency-Replayed"
_LONGEST_KEY = 200
ANYBODY = "anybody:"
"""Whom an attempt without an account is stored for. With its colon it is the id of no person."""

# Waits where the same key is being claimed by an open transaction, and then finds it taken or free.
_claim = text("""
    INSERT INTO idempotency (principal, route, key, body_hash, status, body, headers, created_at)
    SELECT :principal, :route, :key, :body_hash, :status, CAST(:body AS jsonb), CAST(:headers AS jsonb), now()
     WHERE may_still_write(:principal)
    ON CONFLICT (principal, route, key) DO UPDATE
       SET body_hash = excluded.body_hash, status = excluded.status, body = excluded.body,
           headers = excluded.headers, created_at = excluded.created_at
     WHERE idempotency.created_at <= now() - CAST(:kept AS interval)
    RETURNING true
""").bindparams(
    *(bindparam(name, type_=String) for name in ("principal", "route", "key")),
    bindparam("body_hash", type_=LargeBinary),
    bindparam("status", type_=Integer),
)
_CLAIM = Compiled(_claim)
_RECALL = text("""
    SELECT body_hash, status, body::text, headers::text FROM idempotency
     WHERE principal = :principal AND route = :route AND key = :key
       AND created_at > now() - CAST(:kept AS interval)
""")
_BLANK = text("""
    UPDATE idempotency SET body = body || CAST(:without AS jsonb)
     WHERE principal = :principal AND body ->> 'id' = :made
""")
PURGE = """
    DELETE FROM idempotency WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM idempotency WHERE created_at <= :given LIMIT :rows))
"""
"""Deletes answers that are no longer repeated."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a use case answers: status, JSON body, headers such as Location."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


Work = Callable[[AsyncConnection], Awaitable[Answer]]


class _Taken(Exception):
    """The key has an answer already, or its holder was erased; what the work wrote is rolled back."""


@dataclass(frozen=True, slots=True)
class OneAttempt:
    """One request with an idempotency key."""

    database: Database
    principal: str
    route: str
    key: str
    body_hash: bytes

    async def once(self, work: Work) -> Response:
        """Run `work` and store its answer in one transaction, or give the answer of the first time.

        `work` writes rows (the outbox among them) and nothing else: it may run and be rolled back when the
        key turns out to be taken. Raises a 409 Problem where the key was used for another request; what
        `work` raises passes through, and the key stays free then.
        """
        try:
            async with self.database.transaction() as tx:
                answer = await work(tx)
                body = msgspec.json.encode(answer.body)
                await self._claim(tx, answer, body)
        except (_Taken, Problem, IntegrityError) as error:
            # A rule that refuses because of what the first request did ("already reviewed") is no refusal.
            stored = await self.first_answer()
            if stored is None:
                raise await self._why_not(error) from error
            return stored
        return Response(body, answer.status, dict(answer.headers), "application/json")

    async def _why_not(self, error: Exception) -> Exception:
        if isinstance(error, _Taken):
            async with self.database.connection() as connection:
                if not await may_still_write(connection, self.principal):
                    return erased()
        return _unlucky(error)

    async def _claim(self, tx: AsyncConnection, answer: Answer, body: bytes) -> None:
        values = {
            **self._place(),
            "body_hash": self.body_hash,
            "status": answer.status,
            "body": body.decode(),
            "headers": msgspec.json.encode(answer.headers).decode(),
        }
        if not await _CLAIM.rows(tx, values):
            raise _Taken

    async def first_answer(self) -> Response | None:
        """What was answered to the same request before; None where nothing was.

        `once` gives it by itself. This is for what refuses before there is any work to do: what was accepted
        stays so. Raises a 409 Problem where the key was used for another request.
        """
        async with self.database.connection() as connection:
            row = (await connection.execute(_RECALL, self._place())).one_or_none()
        if row is None:
            return None
        if row[0] != self.body_hash:
            raise conflict(
                "idempotency-key-reused",
                "This Idempotency-Key was used for another request. Make a new one for each.",
                field="Idempotency-Key",
            )
        headers = msgspec.json.decode(row[3], type=dict[str, str])
        return Response(row[2], row[1], headers | {REPLAYED_HEADER: "true"}, "application/json")

    def _place(self) -> dict[str, Any]:
        return {"principal": self.principal, "route": self.route, "key": self.key, "kept": KEPT}


def _unlucky(error: Exception) -> Exception:
    """The key was taken a moment ago and its row is gone now (purged, or rolled back): try again."""
    if isinstance(error, _Taken):
        return conflict("try-again", "The first request with this Idempotency-Key is not settled. Try again.")
    return error


_KeyHeader = Annotated[
    str | None,
    Header(description="Chosen by the client, new for each creation; repeated when it tries again."),
]


async def _attempt(request: Request, principal: SignedIn, idempotency_key: _KeyHeader = None) -> OneAttempt:
    return await _attempt_of(request, principal.subject, _checked(idempotency_key))


@dataclass(frozen=True, slots=True)
class Unread:
    """An attempt whose body is for the route to read, because it is large or comes in parts."""

    request: Request
    principal: str
    key: str

    def of(self, digest: bytes) -> OneAttempt:
        """The attempt, once it is known what was said: `digest` is the same whenever the same is said."""
        return _attempt_with(self.request, self.principal, self.key, digest)


async def _unread_attempt(
    request: Request, principal: SignedIn, idempotency_key: _KeyHeader = None
) -> Unread:
    return Unread(request, principal.subject, _checked(idempotency_key))


async def _anybodys_attempt(
    request: Request, principal: MaybeSignedIn, idempotency_key: _KeyHeader = None
) -> OneAttempt:
    try:
        key = UUID(idempotency_key or "")
    except ValueError:
        raise _no_key("that is a UUID: a new one for each, repeated when trying again") from None
    subject = principal.subject if principal is not None else ANYBODY
    return await _attempt_of(request, subject, sha256(key.bytes).hexdigest())


def _checked(key: str | None) -> str:
    if key is None or not _is_visible_ascii(key):
        raise _no_key(f"of 1–{_LONGEST_KEY} visible ASCII characters, such as a UUID")
    return key


def _no_key(what: str) -> Problem:
    detail = f"Send an Idempotency-Key {what}."
    return Problem(400, "idempotency-key-required", "No idempotency key", detail, field="Idempotency-Key")


async def _attempt_of(request: Request, principal: str, key: str) -> OneAttempt:
    return _attempt_with(request, principal, key, await request.body())


def _attempt_with(request: Request, principal: str, key: str, said: bytes) -> OneAttempt:
    # The path itself is hashed too: the same key under another parent is another request.
    whole = b"\x00".join((request.url.path.encode("utf-8", "replace"), request.scope["query_string"], said))
    route = f"{request.method} {request.scope['route'].path}"
    database: Database = request.app.state.service.database  # asks for itself, behind the work
    return OneAttempt(database, principal, route, key, sha256(whole).digest())


def _is_visible_ascii(key: str) -> bool:
    return 1 <= len(key) <= _LONGEST_KEY and all("!" <= character <= "~" for character in key)


Attempt = Annotated[OneAttempt, Depends(_attempt)]
"""For every POST that creates: `return await attempt.once(work)`. 400 without an Idempotency-Key."""
UnreadAttempt = Annotated[Unread, Depends(_unread_attempt)]
"""The same for a route that reads the body itself: `attempt.of(digest)`, then `once`."""
AnybodysAttempt = Annotated[OneAttempt, Depends(_anybodys_attempt)]
"""For a POST that creates and needs no account. Its key is a UUID, because all who have none are one
principal: two of them must not choose the same. It is stored as a hash, so that a secret can be made of it
which is in no copy of the database."""


async def blank(tx: AsyncConnection, principal: str, made: str, without: Mapping[str, Any]) -> None:
    """Put `without` into the answers that made the thing of that id: what was taken back is not repeated.

    The answers themselves stay, so that a repeated request still makes nothing new.
    """
    said = msgspec.json.encode(without).decode()
    await tx.execute(_BLANK, {"principal": principal, "made": made, "without": said})
