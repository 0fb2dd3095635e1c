"""The directory knows at once what others learn with the next token: who signed out, and whose roles changed.

A token of an ended session, of one whose second factor was removed since, or with other grants than its
person has by now, is refused here (401). Whoever holds it refreshes, and has what is true now. The other
services take it until it expires, after a quarter of an hour at most: they ask nobody.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.identity import Principal, Vouch
from chassis.problems import unauthorised
from services.directory.people import storage as people
from services.directory.sessions import storage
from services.directory.sessions.carried import carried, withheld


def vouch_by(database: Database) -> Vouch:
    """Asks the database about the person of each token."""

    async def vouch(principal: Principal) -> None:
        if not principal.is_person:
            return
        async with database.connection() as connection:
            if principal.session_id:
                await _require_methods(connection, principal, principal.session_id)
            grants = await people.grants_of(connection, principal.person_id)
        now = set(carried(grants, principal.methods)), withheld(grants, principal.methods)
        if now != (set(principal.grants), principal.withheld):
            raise unauthorised("Your roles have changed: refresh your token.", "token-outdated")

    return vouch


async def _require_methods(connection: AsyncConnection, principal: Principal, session_id: UUID) -> None:
    methods = await storage.methods_of(connection, session_id, principal.person_id)
    if methods is None:
        raise unauthorised("The session is over: sign in again.", "session-over")
    if not set(principal.methods) <= set(methods):
        raise unauthorised("Your session was weakened: refresh your token.", "token-outdated")
