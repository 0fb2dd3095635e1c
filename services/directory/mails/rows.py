"""Mails to be sent, as rows: claimed by one worker at a time, under a lease, and deleted once settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.telemetry import current_traceparent
from services.directory.mails.tables import mail

LEASE = timedelta(seconds=60)
"""A worker that dies leaves its mails to the others after that time."""
BATCH = 20
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=1)
"""Between two attempts. Short, because a link to sign in with is awaited and soon worthless."""


class Due(NamedTuple):
    """A claimed mail."""

    id: UUID
    recipient: str
    language: str
    kind: str
    data: dict[str, Any]
    created_at: datetime
    attempts: int
    traceparent: str | None


_COLUMNS = [mail.c[name] for name in Due._fields]


async def queue(
    tx: Transaction,
    *,
    to: str,
    language: str,
    kind: str,
    data: Mapping[str, Any],
    now: datetime,
    good_for: timedelta = timedelta(days=3),
) -> UUID:
    """Send a mail once `tx` is committed; it is given up when `good_for` is over. Its id is returned."""
    values: dict[str, Any] = {
        "id": new_id(),
        "recipient": to,
        "language": language,
        "kind": kind,
        "data": dict(data),
        "created_at": now,
        "due_at": now,
        "expires_at": now + good_for,
        "attempts": 0,
        "traceparent": current_traceparent(),
    }
    await tx.execute(insert(mail).values(values))
    identifier: UUID = values["id"]
    return identifier


async def drop_expired(tx: Transaction, now: datetime) -> int:
    """Delete what nobody wants any more; how many."""
    return (await tx.execute(delete(mail).where(mail.c.expires_at <= now))).rowcount


async def claim_due(tx: Transaction, now: datetime) -> list[Due]:
    """Take the next mails that are due, or whose worker has died; none that somebody else has."""
    waiting = (
        select(mail.c.id)
        .where(mail.c.due_at <= now, mail.c.expires_at > now)
        .order_by(mail.c.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    claiming = (
        update(mail)
        .where(mail.c.id.in_(waiting))
        .values(due_at=now + LEASE, attempts=mail.c.attempts + 1)
        .returning(*_COLUMNS)
    )
    return sorted(Due(*row) for row in await tx.execute(claiming))


async def settle(tx: Transaction, due: Due) -> bool:
    """Delete a claimed mail; False where the claim was lost to somebody else."""
    return (await tx.execute(delete(mail).where(*_claimed(due)))).rowcount == 1


async def put_back(tx: Transaction, due: Due, now: datetime) -> None:
    """Leave a claimed mail for later: after 2 s, 4 s, 8 s … a minute."""
    pause = min(FIRST_PAUSE * 2 ** min(due.attempts - 1, 10), LONGEST_PAUSE)
    await tx.execute(update(mail).where(*_claimed(due)).values(due_at=now + pause))


def _claimed(due: Due) -> tuple[Any, ...]:
    return mail.c.id == due.id, mail.c.attempts == due.attempts
