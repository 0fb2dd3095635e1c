"""Who may change a person's factors: whoever proved just now, by all there is, that they are the person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.problems import Problem, conflict, second_factor_required, unauthorised
from services.directory.factors import storage
from services.directory.factors.domain import is_fresh
from services.directory.factors.tables import authenticator, passkey
from services.directory.identity_providers.tables import external_identity
from services.directory.people import storage as people
from services.directory.sessions import use_cases as sessions
from services.directory.sessions.carried import STAFF


async def has_any(connection: AsyncConnection, person_id: UUID) -> bool:
    """Whether the person can give a second factor: one of ours, or their city's provider's."""
    own = authenticator.c
    known = select(
        exists().where(own.person_id == person_id, own.confirmed_at.is_not(None))
        | exists().where(passkey.c.person_id == person_id)
        | exists().where(external_identity.c.person_id == person_id)
    )
    return bool((await connection.execute(known)).scalar_one())


async def is_staff(connection: AsyncConnection, person_id: UUID) -> bool:
    """Whether they have a role that asks for a second factor."""
    return any(grant.role in STAFF for grant in await people.grants_of(connection, person_id))


async def may_change(tx: Transaction, principal: Principal, at: datetime) -> RowMapping:
    """The session in which factors are changed; it and the person are locked.

    Raises 403 where the proof is not fresh: of the second factor where there is one, else of the sign-in.
    """
    session = await sessions.current(tx, principal, at)
    if await people.lock(tx, principal.person_id) is None:
        raise unauthorised("This person's data were erased. Nothing is kept for them any more.")
    if await has_any(tx, principal.person_id):
        if not is_fresh(session["strengthened_at"], at):
            raise second_factor_required("Give a second factor again: for this it counts for ten minutes.")
    elif not is_fresh(max(session["began_at"], session["strengthened_at"] or session["began_at"]), at):
        raise _too_old()
    return session


async def after_removal(tx: Transaction, person_id: UUID) -> None:
    """Whoever has no factor any more has nothing to recover. Raises 409 where that is a member of staff."""
    if await has_any(tx, person_id):
        return
    if await is_staff(tx, person_id):
        raise conflict("last-factor", "Your role needs a second factor: set up another one first.")
    await storage.forget_all(tx, person_id)


def _too_old() -> Problem:
    detail = "The first second factor is set up within ten minutes of signing in. Sign in again."
    return Problem(403, "sign-in-too-old", "Sign in again", detail)
