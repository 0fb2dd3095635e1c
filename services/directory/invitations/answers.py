"""The invited person reads, accepts or declines: whoever has the token of the mail is that person.

To accept, they are signed in, under whatever address: see decision 0015. An invitation is worth what its
sender may still give when it is accepted.
"""

from datetime import datetime
from uuid import UUID

from chassis.database import Transaction
from chassis.identity import Role
from chassis.problems import Problem, conflict, not_found, unauthorised
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Action, Detail
from services.directory.invitations import storage
from services.directory.invitations.domain import Invitation, State
from services.directory.invitations.use_cases import still_stands
from services.directory.merchants import use_cases as merchants
from services.directory.people import storage as people
from services.directory.roles import letters
from services.directory.roles import use_cases as roles
from services.directory.roles.words import ACCEPTED, ENDED, STARTED


async def accept(tx: Transaction, token: str, *, person_id: UUID, at: datetime) -> Invitation:
    """The person has the role from now on; asked again by the same person, it stays so.

    Where it is handed over, its holder loses it. Both are told, or who invited. Raises 404 for an unknown
    token, 410 for an invitation (or shop) that is no more, 409 for one's own.
    """
    asked = await _of_token(tx, token)
    if await people.person_by_id(tx, person_id) is None:
        raise unauthorised("There is no such person any more.")
    if asked.merchant_id is not None:
        await merchants.open_merchant(tx, asked.merchant_id)
    stands = await _lock_right(tx, asked)
    known = await storage.lock_one(tx, asked.id)
    if known is not None and known.accepted_by == person_id:
        return known
    _require_open(known, at)
    if person_id == asked.invited_by:
        raise conflict("own-invitation", "You invited somebody else to this, not yourself.")
    if not stands:
        raise _gone("Whoever invited you may not give this role any more. Ask to be invited again.")
    return await _fulfil(tx, asked, person_id, at)


async def decline(tx: Transaction, token: str, *, at: datetime) -> None:
    """The person does not want the role; asked again, it stays so. Raises 404 and 410."""
    asked = await _of_token(tx, token)
    known = await storage.lock_one(tx, asked.id)
    if known is not None and known.state is State.DECLINED:
        return
    declined = _require_open(known, at)
    await storage.settle(tx, declined, State.DECLINED, at)
    await audit.record(tx, Action.INVITATION_DECLINED, declined.id, by=None, city_id=declined.city_id, at=at)


async def read(tx: Transaction, token: str, *, at: datetime) -> Invitation:
    """The invitation that can still be answered. Raises 404 and 410."""
    return _require_open(await _of_token(tx, token), at)


async def _lock_right(tx: Transaction, asked: Invitation) -> bool:
    """Whether the role may still be given, which stays so until `tx` ends."""
    if asked.invited_by is None:
        return not await storage.lock_first_operator(tx)
    hands_over = asked.handed_over_by is not None
    return still_stands(asked, await storage.lock_grants(tx, asked.invited_by, to_remove=hands_over))


async def _fulfil(tx: Transaction, asked: Invitation, person_id: UUID, at: datetime) -> Invitation:
    grant = storage.grant_of(asked)
    if asked.handed_over_by is not None:
        await roles.take(tx, asked.handed_over_by, grant, by=asked.handed_over_by, at=at)
    await roles.give(tx, person_id, grant, by=asked.invited_by, at=at)
    if asked.handed_over_by is not None and grant.merchant_id is not None and grant.role is Role.merchant:
        # Everybody hears that the shop is somebody else's: what was promised to its holder is not theirs.
        shop = await merchants.open_merchant(tx, grant.merchant_id)
        details: dict[str, Detail] = {"person": person_id, "handed_over": True}
        await merchants.claim_merchant(tx, shop, by=asked.handed_over_by, at=at, details=details)
    accepted = await storage.settle(tx, asked, State.ACCEPTED, at, accepted_by=person_id)
    await audit.record(tx, Action.INVITATION_ACCEPTED, asked.id, by=person_id, city_id=asked.city_id, at=at)
    if asked.handed_over_by is None and asked.invited_by is not None:
        await letters.tell(tx, asked.invited_by, ACCEPTED, grant, by=person_id, at=at)
    elif asked.handed_over_by is not None:
        await letters.tell(tx, asked.handed_over_by, ENDED, grant, by=person_id, at=at)
        await letters.tell(tx, person_id, STARTED, grant, by=asked.handed_over_by, at=at)
    return accepted


async def _of_token(tx: Transaction, token: str) -> Invitation:
    found = await storage.by_token(tx, token)
    if found is None:
        raise not_found("invitation")
    return found


def _require_open(known: Invitation | None, at: datetime) -> Invitation:
    if known is None or known.state is not State.OPEN:
        raise _gone("This invitation has been answered or withdrawn.")
    if known.is_expired(at):
        raise _gone("This invitation has expired. Ask to be invited again.")
    return known


def _gone(detail: str) -> Problem:
    return Problem(410, "invitation-over", "Gone", detail)
