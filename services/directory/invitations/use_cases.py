"""Somebody is invited to a role, again, or no more.

Rights are read from the database and locked, because who lost a role a moment ago invites nobody to it; of
them, those count that the token carries (`carried`), because its session was strong enough for them. Locks
are taken in the order shop, roles, invitation.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Grant, Role
from chassis.problems import Problem, conflict, forbidden, not_found
from services.directory import mails
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Action
from services.directory.invitations import storage
from services.directory.invitations.domain import GOOD_FOR, PAUSE, Invitation, State
from services.directory.invitations.flood import count_mail
from services.directory.people import storage as people
from services.directory.roles import letters, rights
from services.directory.roles.words import INVITED

PAGE = "/invitations/"
"""Where the link of the mail leads to; the token stands behind it."""


@dataclass(frozen=True)
class Asked:
    """Whom to invite to what."""

    grant: Grant
    email: str
    """In the one form that `storage` compares."""
    language: str
    hands_over: bool
    """Whether the inviting person loses the role to the invited one."""


async def invite(
    tx: Transaction, asked: Asked, *, by: UUID, carried: Collection[Grant], at: datetime
) -> Invitation:
    """The address is asked whether its person wants the role; one that is being asked is not asked twice.

    Says nothing of whether the address is known here. Raises 403 where `by` may not give the role, 429 for
    too many mails in a day.
    """
    _require_right(await _lock_rights(tx, by, carried), asked.grant, hands_over=asked.hands_over)
    handed_over_by = by if asked.hands_over else None
    added = await storage.add(
        tx, asked.grant, asked.email, asked.language, by=by, hands_over=asked.hands_over, at=at
    )
    if added is not None:
        await count_mail(tx, by, asked.email, at)
        await _write(tx, *added, at)
        await _tell(tx, Action.INVITATION_SENT, added[0], by=by, at=at)
        return added[0]
    known = await storage.lock_open(tx, asked.grant, asked.email, handed_over_by=handed_over_by)
    if known is None:
        raise conflict("try-again", "An invitation of this address has just been answered. Try again.")
    return await _send_again(tx, known, by=by, at=at) if known.is_expired(at) else known


async def invite_first_operator(
    tx: Transaction, email: str, language: str, *, on_behalf_of: str, at: datetime
) -> None:
    """The address is asked to operate this, by nobody who is signed in; asked again, it gets a new link.

    The mail says that `on_behalf_of` invites. Raises 409 where there is an operator: they invite others.
    """
    if await storage.lock_first_operator(tx):
        raise conflict("operator-exists", "There is an operator: ask them for an invitation.")
    wanted = Grant(Role.operator)
    added = await storage.add(tx, wanted, email, language, by=None, hands_over=False, at=at)
    if added is None:
        known = await storage.lock_open(tx, wanted, email, handed_over_by=None)
        if known is None:
            raise conflict("try-again", "This address has just answered. Try again.")
        added = await storage.send_again(tx, known, at)
    await _write(tx, *added, at, on_behalf_of=on_behalf_of)
    await _tell(tx, Action.INVITATION_SENT, added[0], by=None, at=at)


async def send_again(
    tx: Transaction, invitation_id: UUID, *, by: UUID, carried: Collection[Grant], at: datetime
) -> Invitation:
    """The invitation gets a new link and its full time; the link before is worth nothing any more.

    Raises 404, 403 where `by` may not, 409 once it is answered or withdrawn, 429 just after the last
    mail, and for too many in a day.
    """
    known = await _lock_own(tx, invitation_id, by, carried)
    if known.state is not State.OPEN or known.invited_by is None:
        raise conflict("invitation-answered", "This invitation cannot be sent again: invite anew.")
    if not known.may_be_sent_again(at):
        raise _just_sent()
    return await _send_again(tx, known, by=by, at=at)


async def withdraw(
    tx: Transaction, invitation_id: UUID, *, by: UUID, carried: Collection[Grant], at: datetime
) -> None:
    """The invitation is worth nothing any more; one that was not accepted stays withdrawn or declined.

    Raises 404, 403 where `by` may not, 409 where it was accepted: then the role is what to withdraw.
    """
    known = await _lock_own(tx, invitation_id, by, carried)
    if known.state is State.ACCEPTED:
        raise conflict("invitation-answered", "The invitation was accepted: withdraw the role instead.")
    if known.state is State.OPEN:
        await storage.settle(tx, known, State.WITHDRAWN, at)
        await _tell(tx, Action.INVITATION_WITHDRAWN, known, by=by, at=at)


def still_stands(invitation: Invitation, grants: Sequence[Grant]) -> bool:
    """Whether its sender, who has these roles, may still give what it promises."""
    return _may(grants, storage.grant_of(invitation), hands_over=invitation.handed_over_by is not None)


async def standing(connection: AsyncConnection, found: Collection[Invitation]) -> set[UUID]:
    """Which of these their senders may still give; those of the command line, as long as nobody operates."""
    senders = {each.invited_by for each in found if each.invited_by is not None}
    grants = {sender: await people.grants_of(connection, sender) for sender in senders}
    is_operated = await storage.is_operated(connection)
    return {
        each.id
        for each in found
        if (not is_operated if each.invited_by is None else still_stands(each, grants[each.invited_by]))
    }


async def _lock_rights(tx: Transaction, by: UUID, carried: Collection[Grant]) -> list[Grant]:
    return [each for each in await storage.lock_grants(tx, by) if each in carried]


async def _lock_own(tx: Transaction, invitation_id: UUID, by: UUID, carried: Collection[Grant]) -> Invitation:
    mine = await _lock_rights(tx, by, carried)
    known = await storage.lock_one(tx, invitation_id)
    if known is None:
        raise not_found("invitation")
    if known.handed_over_by is not None and known.handed_over_by != by:
        raise forbidden("Only who hands a role over decides about it.")
    _require_right(mine, storage.grant_of(known), hands_over=known.handed_over_by is not None)
    return known


async def _send_again(tx: Transaction, known: Invitation, *, by: UUID, at: datetime) -> Invitation:
    assert known.email is not None, "only an open invitation is sent"
    await count_mail(tx, by, known.email, at)
    renewed, token = await storage.send_again(tx, known, at)
    await _write(tx, renewed, token, at)
    await _tell(tx, Action.INVITATION_SENT, renewed, by=by, at=at)
    return renewed


def _may(grants: Sequence[Grant], wanted: Grant, *, hands_over: bool) -> bool:
    return rights.may_hand_over(grants, wanted) if hands_over else rights.may_give(grants, wanted)


def _require_right(grants: Sequence[Grant], wanted: Grant, *, hands_over: bool) -> None:
    if not _may(grants, wanted, hands_over=hands_over):
        raise forbidden("You do not give this role here.")


def _just_sent() -> Problem:
    headers = {"Retry-After": str(int(PAUSE.total_seconds()))}
    detail = "The last mail of this invitation has only just been sent."
    return Problem(429, "too-many-invitations", "Too many requests", detail, headers=headers)


async def _write(
    tx: Transaction, sent: Invitation, token: str, at: datetime, *, on_behalf_of: str | None = None
) -> None:
    """Ask the invited address. The mail is not sent any more once its link is worth nothing."""
    assert sent.email is not None, "only an open invitation is sent"
    about = await letters.about(tx, storage.grant_of(sent), sent.invited_by)
    data = {**about, "by": about["by"] or on_behalf_of, "path": PAGE + token}
    await mails.queue(
        tx,
        to=sent.email,
        language=sent.language,
        kind=INVITED,
        data=data,
        now=at,
        good_for=GOOD_FOR,
    )


async def _tell(tx: Transaction, action: Action, about: Invitation, *, by: UUID | None, at: datetime) -> None:
    details = {"role": storage.grant_of(about).role, "merchant_id": about.merchant_id}
    await audit.record(tx, action, about.id, by=by, city_id=about.city_id, at=at, details=details)
