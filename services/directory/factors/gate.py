"""Who may change a person's factors: whoever proved just now, by all there is, that they are the person."""

from __future__ import annotations

from collections.abc import Collection
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
from services.directory.sessions.carried import OWN_PROOFS, STAFF, at_provider_of, withheld


async def can_prove(connection: AsyncConnection, person_id: UUID) -> bool:
    """Whether the person has a second factor for every role they have.

    One of their own is for all; their city's provider for roles in that city.
    """
    own = authenticator.c
    has_own = select(
        exists().where(own.person_id == person_id, own.confirmed_at.is_not(None))
        | exists().where(passkey.c.person_id == person_id)
    )
    if (await connection.execute(has_own)).scalar_one():
        return True
    at_providers = select(external_identity.c.city_id).where(external_identity.c.person_id == person_id)
    methods = [at_provider_of(city_id) for city_id in (await connection.execute(at_providers)).scalars()]
    return bool(methods) and not withheld(await people.grants_of(connection, person_id), methods)


async def is_staff(connection: AsyncConnection, person_id: UUID) -> bool:
    """Whether they have a role that asks for a second factor."""
    return any(grant.role in STAFF for grant in await people.grants_of(connection, person_id))


async def own_session(tx: Transaction, principal: Principal, at: datetime) -> RowMapping:
    """The session in which a factor is given or changed; the person is locked, then it.

    The person comes first whatever is done: removing a factor takes the factor before other sessions, giving
    it takes the session before the factor. Without this they wait for each other.
    """
    if await people.lock(tx, principal.person_id) is None:
        raise unauthorised("This person's data were erased. Nothing is kept for them any more.")
    return await sessions.current(tx, principal, at)


async def may_change(tx: Transaction, principal: Principal, at: datetime) -> RowMapping:
    """The session in which factors are changed; it and the person are locked.

    Raises 403 where the proof is not fresh: of the second factor where there is one, else of the sign-in.
    """
    session = await own_session(tx, principal, at)
    if await can_prove(tx, principal.person_id):
        lacking = withheld(await people.grants_of(tx, principal.person_id), session["methods"])
        if lacking or not is_fresh(session["strengthened_at"], at):
            raise second_factor_required("Give a second factor again: for this it counts for ten minutes.")
    elif not _just_proved(session, at):
        raise _too_old()
    return session


async def require_proof(tx: Transaction, principal: Principal, at: datetime) -> None:
    """As `may_change`, for what else a stolen session must not do.

    Somebody of the demonstration has no session, and there is nothing that they could prove.
    """
    if principal.session_id is not None:
        await may_change(tx, principal, at)


def _just_proved(session: RowMapping, at: datetime) -> bool:
    """By the person's own means: a provider proves nothing of somebody who works for others, too."""
    is_recent = is_fresh(session["began_at"], at) or is_fresh(session["strengthened_at"], at)
    return is_recent and not OWN_PROOFS.isdisjoint(session["methods"])


async def after_removal(tx: Transaction, person_id: UUID, methods: Collection[str], at: datetime) -> None:
    """What was removed has given sessions these methods: they wait for a second factor, this one, too.

    Whoever has no factor any more has nothing to recover. Raises 409 where that is a member of staff.
    """
    await sessions.weaken(tx, person_id, methods, at)
    if await can_prove(tx, person_id):
        return
    if await is_staff(tx, person_id):
        raise conflict("last-factor", "Your role needs a second factor: set up another one first.")
    await storage.forget_all(tx, person_id)


def _too_old() -> Problem:
    detail = "For this you have to have signed in within the last ten minutes. Sign in again."
    return Problem(403, "sign-in-too-old", "Sign in again", detail)
