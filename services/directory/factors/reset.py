"""Somebody lost every factor and every code: who gives their roles sees to it that it is them, and resets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from chassis.database import Transaction
from chassis.identity import Grant, Role
from chassis.problems import forbidden, not_found
from services.directory.audit.domain import Action
from services.directory.factors import storage
from services.directory.factors.telling import tell
from services.directory.identity_providers.tables import external_identity
from services.directory.people import storage as people
from services.directory.roles import rights
from services.directory.sessions import storage as sessions
from services.directory.sessions.carried import STAFF


async def reset(
    tx: Transaction, person_id: UUID, *, by: UUID, carried: Collection[Grant], at: datetime
) -> None:
    """The person proves by mail alone who they are, and sets up factors anew; all their sessions end.

    `carried` is what the token of `by` carries. Raises 403 where `by` does not give each role of staff that
    the person has: an officer of one city resets nobody who works for another one, too, or operates this.
    404 where there is no such person.
    """
    if by == person_id:
        raise forbidden("Somebody else does this: it is for those who cannot prove who they are.")
    person = await people.lock(tx, person_id)
    mine = [each for each in await people.grants_of(tx, by) if each in carried]
    _require_right(mine, await people.grants_of(tx, person_id))
    if person is None:
        raise not_found("person")
    await storage.forget_all(tx, person_id)
    await tx.execute(delete(external_identity).where(external_identity.c.person_id == person_id))
    # Behind the factors: a sign-in by one of them is waited for, and its session ends with the others.
    await sessions.end_all(tx, person_id, by="reset", at=at)
    await tell(tx, Action.FACTORS_RESET, person_id, by=by, at=at)


def _require_right(mine: list[Grant], theirs: list[Grant]) -> None:
    of_staff = [grant for grant in theirs if grant.role in STAFF]
    is_operator = any(grant.role is Role.operator for grant in mine)
    if not is_operator and not (of_staff and all(rights.may_give(mine, grant) for grant in of_staff)):
        raise forbidden("You give this person not all of their roles: an operator can do this.")
