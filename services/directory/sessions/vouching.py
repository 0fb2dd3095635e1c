"""The directory knows at once what others learn with the next token: who signed out, and whose roles changed.

A token of an ended session, or with other grants than its person has by now, is refused here (401). Whoever
holds it refreshes, and has what is true now. The other services take it until it expires, after a quarter of
an hour at most: they ask nobody.
"""

from __future__ import annotations

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
            session_id = principal.session_id
            if session_id and not await storage.goes_on(connection, session_id, principal.person_id):
                raise unauthorised("The session is over: sign in again.", "session-over")
            grants = await people.grants_of(connection, principal.person_id)
        now = set(carried(grants, principal.methods)), withheld(grants, principal.methods)
        if now != (set(principal.grants), principal.withheld):
            raise unauthorised("Your roles have changed: refresh your token.", "token-outdated")

    return vouch
