"""What a program is handed when somebody signed in or goes on: tokens, and whose they are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import Response

from chassis.database import Database
from chassis.http import Shown
from services.directory.consents.use_cases import may_be_ranked
from services.directory.people import storage as people
from services.directory.people.token_office import TokenOffice
from services.directory.sessions.carried import carried, withheld
from services.directory.sessions.use_cases import Open

NOT_KEPT = {"Cache-Control": "no-store"}


class SessionTokens(Shown):
    """Send `token` as `Authorization: Bearer …` until it expires, and then refresh.

    A page keeps neither where scripts can read it; the portal has them in cookies of its own.
    """

    token: str
    expires_at: datetime
    refresh_token: str
    """For one refresh; the answer to that holds the next one."""
    refresh_expires_at: datetime
    session_id: UUID
    person_id: UUID
    display_name: str | None
    """Null for somebody who has not said yet what to be called."""


async def tokens_of(
    session: Open, database: Database, office: TokenOffice, response: Response, now: datetime
) -> SessionTokens:
    """The tokens of a session, with the grants as they are now."""
    async with database.connection() as connection:
        person = await people.person_by_id(connection, session.person_id)
        grants = await people.grants_of(connection, session.person_id)
        ranked = await may_be_ranked(connection, session.person_id)
    assert person is not None  # a session's person is there as long as the session
    signed = office.issuer.for_person(
        session.person_id,
        carried(grants, session.methods),
        now,
        methods=session.methods,
        session_id=session.id,
        withheld=withheld(grants, session.methods),
        may_be_ranked=ranked,
    )
    response.headers.update(NOT_KEPT)
    return SessionTokens(
        token=signed.token,
        expires_at=signed.expires_at,
        refresh_token=session.refresh_token,
        refresh_expires_at=session.expires_at,
        session_id=session.id,
        person_id=session.person_id,
        display_name=person["display_name"],
    )
