"""Rows of invitations."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Grant, Role
from chassis.ids import new_id
from services.directory.invitations.domain import GOOD_FOR, Invitation, State, hash_of
from services.directory.invitations.tables import invitation
from services.directory.people.tables import role_grant

_BYTES_OF_CHANCE = 32
_COLUMNS = [invitation.c[name] for name in Invitation.__dataclass_fields__]


def grant_of(found: Invitation) -> Grant:
    """The role that somebody is invited to."""
    return Grant(Role(found.role), found.city_id, found.merchant_id, found.district_id)


async def add(
    tx: Transaction,
    given: Grant,
    email: str,
    language: str,
    *,
    by: UUID | None,
    hands_over: bool,
    at: datetime,
) -> tuple[Invitation, str] | None:
    """A new invitation and its token; None where the address has an open one to this role."""
    token = _new_token()
    values: dict[str, Any] = {
        "id": new_id(),
        "role": given.role.value,
        "city_id": given.city_id,
        "merchant_id": given.merchant_id,
        "district_id": given.district_id,
        "invited_by": by,
        "handed_over_by": by if hands_over else None,
        "email": email,
        "language": language,
        "state": State.OPEN.value,
        "created_at": at,
        **_sent(token, at),
    }
    adding = insert(invitation).values(values).on_conflict_do_nothing().returning(*_COLUMNS)
    row = (await tx.execute(adding)).mappings().first()
    return None if row is None else (_of_row(row), token)


async def lock_open(
    tx: Transaction, given: Grant, email: str, *, handed_over_by: UUID | None
) -> Invitation | None:
    """The open invitation of an address to a role, locked."""
    return await _lock(
        tx,
        invitation.c.state == State.OPEN.value,
        invitation.c.email == email,
        invitation.c.role == given.role.value,
        invitation.c.city_id.is_not_distinct_from(given.city_id),
        invitation.c.merchant_id.is_not_distinct_from(given.merchant_id),
        invitation.c.district_id.is_not_distinct_from(given.district_id),
        invitation.c.handed_over_by.is_not_distinct_from(handed_over_by),
    )


async def lock_one(tx: Transaction, invitation_id: UUID) -> Invitation | None:
    """The invitation, locked."""
    return await _lock(tx, invitation.c.id == invitation_id)


async def by_token(connection: AsyncConnection, token: str) -> Invitation | None:
    """The invitation of that token, as it is just now."""
    found = select(*_COLUMNS).where(invitation.c.token_hash == hash_of(token))
    row = (await connection.execute(found)).mappings().first()
    return None if row is None else _of_row(row)


async def send_again(tx: Transaction, known: Invitation, at: datetime) -> tuple[Invitation, str]:
    """The invitation with a new token and its full time; the token before is worth nothing any more."""
    token = _new_token()
    changing = update(invitation).where(invitation.c.id == known.id).values(_sent(token, at))
    row = (await tx.execute(changing.returning(*_COLUMNS))).mappings().one()
    return _of_row(row), token


async def settle(
    tx: Transaction, known: Invitation, state: State, at: datetime, accepted_by: UUID | None = None
) -> Invitation:
    """The invitation is answered or withdrawn; its address is forgotten."""
    changing = (
        update(invitation)
        .where(invitation.c.id == known.id)
        .values(state=state.value, answered_at=at, accepted_by=accepted_by, email=None)
    )
    return _of_row((await tx.execute(changing.returning(*_COLUMNS))).mappings().one())


async def page_of(
    connection: AsyncConnection, place: ColumnElement[bool], after: UUID | None, limit: int
) -> list[Invitation]:
    """Invitations of a place, oldest first."""
    wanted = select(*_COLUMNS).where(place).order_by(invitation.c.id).limit(limit)
    if after is not None:
        wanted = wanted.where(invitation.c.id > after)
    return [_of_row(row) for row in (await connection.execute(wanted)).mappings()]


async def lock_grants(tx: Transaction, person_id: UUID, *, to_remove: bool = False) -> list[Grant]:
    """What a person may do, and may go on doing until `tx` ends.

    With `to_remove` nobody else has them locked: two who remove the same one follow one another.
    """
    found = select(role_grant).where(role_grant.c.person_id == person_id).order_by(role_grant.c.id)
    locking = found.with_for_update() if to_remove else found.with_for_update(read=True, key_share=True)
    rows = await tx.execute(locking)
    return [Grant(Role(row.role), row.city_id, row.merchant_id, row.district_id) for row in rows]


async def is_operated(connection: AsyncConnection) -> bool:
    """Whether anybody is an operator."""
    found = select(role_grant.c.id).where(role_grant.c.role == Role.operator.value).limit(1)
    return (await connection.execute(found)).first() is not None


async def lock_first_operator(tx: Transaction) -> bool:
    """Whether anybody is an operator; who is invited to be the first, or accepts, does so one by one."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("first operator", 0))))
    return await is_operated(tx)


async def _lock(tx: Transaction, *conditions: ColumnElement[bool]) -> Invitation | None:
    found = select(*_COLUMNS).where(*conditions).with_for_update()
    row = (await tx.execute(found)).mappings().first()
    return None if row is None else _of_row(row)


def _new_token() -> str:
    return secrets.token_urlsafe(_BYTES_OF_CHANCE)


def _sent(token: str, at: datetime) -> dict[str, Any]:
    return {"token_hash": hash_of(token), "sent_at": at, "expires_at": at + GOOD_FOR}


def _of_row(row: RowMapping) -> Invitation:
    return Invitation(**{**row, "state": State(row["state"])})
