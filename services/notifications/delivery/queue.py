"""Mails to be sent, as rows: claimed by one worker at a time, under a lease, until their fate is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.database import Transaction
from chassis.ids import deterministic_id, time_of
from services.notifications.delivery.domain import CHANNEL_MAIL, State
from services.notifications.recipients import Recipient, RecipientKind

LEASE = timedelta(seconds=60)
"""A worker that dies leaves its mails to the others after that time."""
BATCH = 20


class Due(NamedTuple):
    """A claimed delivery, with all that decides whether and how it is sent."""

    id: UUID
    city_id: UUID
    recipient: Recipient
    notification_id: UUID
    attempts: int
    refused_since: datetime | None
    traceparent: str | None
    kind: str
    data: dict[str, Any]
    created_at: datetime
    agreed: bool
    language: str | None
    unsubscribe_token: str | None


async def queue_mails(
    tx: Transaction, notifications: Sequence[tuple[UUID, Recipient]], now: datetime
) -> None:
    """Queue a mail for each (notification, recipient) whose recipient agreed to mails."""
    columns = {
        # A function of the notification: a database set back to an earlier day sends under the same id.
        "ids": [deterministic_id(time_of(each), "delivery", each, CHANNEL_MAIL) for each, _ in notifications],
        "notifications": [each for each, _ in notifications],
        "channel": CHANNEL_MAIL,
        "now": now,
    }
    await tx.execute(_QUEUE, columns)


async def claim_due(
    tx: Transaction, now: datetime, channel: str = CHANNEL_MAIL, most: int = BATCH
) -> list[Due]:
    """Take a channel's next deliveries that are due, or whose worker died; none that somebody else has."""
    values = {"now": now, "lease_end": now + LEASE, "channel": channel, "batch": most}
    ids = list((await tx.execute(_CLAIM, values)).scalars())
    return [_due(row) for row in await tx.execute(_LOAD, {"ids": ids})] if ids else []


def _due(row: Sequence[Any]) -> Due:
    identifier, city_id, kind, recipient_id, *rest = row
    return Due(identifier, city_id, Recipient(RecipientKind(kind), recipient_id), *rest)


async def settle(
    tx: Transaction, due: Due, state: State, now: datetime, *, reason: str | None = None
) -> bool:
    """Note what became of a claimed delivery for good; False where the claim was lost to somebody else."""
    return await _note(tx, due, state, due_at=None, reason=reason, finished_at=now, refused=due.refused_since)


async def put_back(tx: Transaction, due: Due, again_at: datetime, *, refused_since: datetime | None) -> None:
    """Leave a claimed delivery for later."""
    await _note(tx, due, State.pending, due_at=again_at, reason=None, finished_at=None, refused=refused_since)


async def _note(
    tx: Transaction,
    due: Due,
    state: State,
    *,
    due_at: datetime | None,
    reason: str | None,
    finished_at: datetime | None,
    refused: datetime | None,
) -> bool:
    columns = {
        "id": due.id,
        "attempts": due.attempts,
        "state": state.value,
        "due_at": due_at,
        "reason": reason,
        "finished_at": finished_at,
        "refused_since": refused,
    }
    return (await tx.execute(_NOTE, columns)).rowcount == 1


_QUEUE = text("""
    INSERT INTO delivery (id, city_id, recipient_kind, recipient_id, notification_id, channel,
                          state, due_at, attempts, created_at, traceparent)
    SELECT queued.id, notification.city_id, recipient_kind, recipient_id, notification.id,
           CAST(:channel AS text), 'pending', CAST(:now AS timestamptz), 0,
           CAST(:now AS timestamptz), notification.traceparent
    FROM unnest(CAST(:ids AS uuid[]), CAST(:notifications AS uuid[])) AS queued (id, notification_id)
    JOIN notification ON notification.id = queued.notification_id
    JOIN preference USING (recipient_kind, recipient_id)
    WHERE preference.mail
    ON CONFLICT DO NOTHING
""")
_CLAIM = text("""
    UPDATE delivery SET state = 'sending', due_at = :lease_end, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM delivery WHERE due_at <= :now AND channel = :channel
        ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    RETURNING id
""")
_LOAD = text("""
    SELECT delivery.id, delivery.city_id, delivery.recipient_kind, delivery.recipient_id,
           notification_id, attempts, refused_since, delivery.traceparent,
           kind_of.kind, kind_of.data, kind_of.created_at,
           coalesce(preference.mail AND (delivery.recipient_kind = 'person'
                                         OR claimed_version > 0 AND closed_version <= public_version), false),
           preference.language, preference.unsubscribe_token
    FROM delivery
    JOIN notification AS kind_of ON kind_of.id = notification_id
    LEFT JOIN preference ON preference.recipient_kind = delivery.recipient_kind
                        AND preference.recipient_id = delivery.recipient_id
    LEFT JOIN merchant ON delivery.recipient_kind = 'merchant' AND merchant_id = delivery.recipient_id
    WHERE delivery.id = ANY(CAST(:ids AS uuid[]))
    ORDER BY delivery.created_at, delivery.id
""")
_NOTE = text("""
    UPDATE delivery
    SET state = :state, due_at = :due_at, reason = :reason, finished_at = :finished_at,
        refused_since = :refused_since
    WHERE id = :id AND state = 'sending' AND attempts = :attempts
""")
