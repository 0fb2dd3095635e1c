"""Sessions over HTTP: refreshed by their token, listed and ended by their person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis.access import MAY_PERSON, PUBLIC
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Principal
from chassis.openapi import problems
from chassis.problems import not_found
from services.directory.people.token_office import TokenOffice
from services.directory.sessions import storage, use_cases
from services.directory.sessions.answers import SessionTokens, tokens_of


class Refresh(Body):
    """The refresh token of the last answer."""

    refresh_token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,100}$")]


class SessionShown(Shown):
    """One of one's own sessions."""

    id: UUID
    is_this_one: bool
    device: str | None
    """What the browser said it is."""
    methods: list[str]
    began_at: datetime
    used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    """`person`; `reuse`: its refresh token was used twice, so somebody else had it; `reset`: the person's
    second factors were reset; `removal`: it had begun with a passkey that was removed."""


class Sessions(Shown):
    """The last used first; those that ended stay for thirty days."""

    items: list[SessionShown]


def routes(office: TokenOffice) -> APIRouter:
    """The routes of sessions."""
    router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])
    _add_refresh(router, office)
    _add_own(router)
    return router


def _add_refresh(router: APIRouter, office: TokenOffice) -> None:
    @router.post("/refresh", response_model=SessionTokens, responses=problems(401), dependencies=[PUBLIC])
    async def refresh_session(asked: Refresh, response: Response, db: Db, now: Now) -> SessionTokens:
        """New tokens for the refresh token of the last ones; it is good for one refresh.

        Sent twice within 30 seconds it gives the same successor; after that, it ends the session.
        """
        session = await use_cases.refresh(db, asked.refresh_token, now())
        return await tokens_of(session, db, office, response, now())


def _add_own(router: APIRouter) -> None:
    @router.get("", response_model=Sessions)
    async def list_my_sessions(principal: Annotated[Principal, MAY_PERSON], db: Db) -> Sessions:
        """Where one is signed in."""
        async with db.connection() as connection:
            rows = await storage.of_person(connection, principal.person_id)
        return Sessions(
            items=[SessionShown(**row, is_this_one=row["id"] == principal.session_id) for row in rows]
        )

    @router.delete("/{session_id}", status_code=204)
    async def end_my_session(
        session_id: UUID, principal: Annotated[Principal, MAY_PERSON], db: Db, now: Now
    ) -> None:
        """Sign out there: its refresh token is worth nothing from now on, its access token for minutes."""
        async with db.transaction() as tx:
            person_id = principal.person_id
            if not await storage.end(tx, session_id, by="person", at=now(), person_id=person_id):
                raise not_found("session")
