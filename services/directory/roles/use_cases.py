"""A role is given, withdrawn, or passes from one person to another; the audit log says so."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from chassis.database import Transaction
from chassis.identity import Grant, Role
from chassis.problems import Problem, conflict, forbidden, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Action
from services.directory.people import storage as people
from services.directory.roles import letters, rights, storage
from services.directory.roles.words import ENDED

NEVER_NOBODY = frozenset({Role.city_officer, Role.operator})
"""Roles that somebody must have: without them nobody could give any."""


async def give(tx: Transaction, person_id: UUID, given: Grant, *, by: UUID | None, at: datetime) -> None:
    """The person has the role from now on; who has it already keeps it, and the log says nothing.

    Who comes to own a shop works there no longer as staff: an owner may all that staff may.
    """
    if not await people.grant(tx, person_id, given, at):
        return
    await _tell(tx, Action.ROLE_GIVEN, person_id, given, by=by, at=at)
    if given.role is Role.merchant:
        staff = Grant(Role.merchant_staff, given.city_id, given.merchant_id)
        await take(tx, person_id, staff, by=by, at=at)


async def take(tx: Transaction, person_id: UUID, taken: Grant, *, by: UUID | None, at: datetime) -> bool:
    """The person has the role no more; whether they had it. Asks nobody whether that may be."""
    if not await storage.remove(tx, person_id, taken):
        return False
    await _tell(tx, Action.ROLE_WITHDRAWN, person_id, taken, by=by, at=at)
    return True


async def dismiss_staff(
    tx: Transaction, city_id: UUID, merchant_id: UUID, *, new_owner: UUID, by: UUID, at: datetime
) -> None:
    """Whoever worked at a shop for its former owner does so no more, and is told; the shop is locked.

    Not where a shop is handed over: there the owners agree, and the new one withdraws whom they like.
    """
    staff = Grant(Role.merchant_staff, city_id, merchant_id)
    for person_id in sorted(await storage.lock_peers(tx, staff) - {new_owner}):
        await take(tx, person_id, staff, by=by, at=at)
        await letters.tell(tx, person_id, ENDED, staff, by=by, at=at)


async def withdraw(
    tx: Transaction, grant_id: UUID, *, by: UUID, carried: Collection[Grant], at: datetime
) -> None:
    """`by` takes a role from somebody, or lays down their own.

    `carried` is what their token carries: of their roles, those count that the session was strong enough for.

    Raises 404 for a role nobody has, 403 where `by` may not, 409 for a city's last officer (whom only an
    operator withdraws), the last operator, and the owner of a shop.
    """
    held = await storage.by_id(tx, grant_id)
    if held is None:
        raise not_found("role")
    # Locked before anything is asked: of two officers who withdraw each other, the second is none any more.
    peers = await storage.lock_peers(tx, held.grant) if held.grant.role in NEVER_NOBODY else set()
    mine = [each for each in await people.grants_of(tx, by) if each in carried]
    _require_right(mine, held, by)
    if held.grant.role in NEVER_NOBODY and peers <= {held.person_id}:
        _refuse_to_leave_nobody(mine, held.grant.role)
    if not await take(tx, held.person_id, held.grant, by=by, at=at):
        raise not_found("role")
    if held.person_id != by:
        await letters.tell(tx, held.person_id, ENDED, held.grant, by=by, at=at)


async def require_successors(tx: Transaction, person_id: UUID) -> None:
    """Raise 409 where nobody could give roles once this person is gone.

    A city's last officer, and the last operator: the answer says what comes first, and whom to ask. Others
    with these roles keep theirs until `tx` ends.
    """
    held = {each for each in await people.grants_of(tx, person_id) if each.role in NEVER_NOBODY}
    for each in sorted(held, key=lambda grant: (grant.role, str(grant.city_id))):
        if await storage.lock_peers(tx, each) <= {person_id}:
            raise last_operator() if each.role is Role.operator else last_officer()


def _require_right(mine: list[Grant], held: storage.Held, by: UUID) -> None:
    if rights.may_give(mine, held.grant):
        return
    if held.person_id != by:
        raise forbidden("You do not withdraw this role here.")
    if held.grant.role not in rights.LAID_DOWN:
        raise conflict("not-laid-down", "Hand this over to somebody else; it cannot be nobody's.")


def _refuse_to_leave_nobody(mine: list[Grant], role: Role) -> None:
    if role is Role.operator:
        raise last_operator()
    if not any(each.role is Role.operator for each in mine):
        raise last_officer()


def last_operator() -> Problem:
    """Nobody would operate this."""
    return conflict("last-operator", "Somebody has to operate this: name another operator first.")


def last_officer() -> Problem:
    """The city would have nobody who could name anybody."""
    return conflict("last-officer", "The city has no other officer: hand the role over, or ask an operator.")


async def _tell(
    tx: Transaction, action: Action, person_id: UUID, grant: Grant, *, by: UUID | None, at: datetime
) -> None:
    details = {"role": grant.role, "merchant_id": grant.merchant_id, "district_id": grant.district_id}
    await audit.record(tx, action, person_id, by=by, city_id=grant.city_id, at=at, details=details)
