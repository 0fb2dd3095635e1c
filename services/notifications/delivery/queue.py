"""Messages to be sent, as rows: claimed by one worker at a time, under a lease, until their fate is known.

What goes with a message is looked at again when it is claimed: news that was read in the feed meanwhile,
that nobody wants any more, or that is over (an offer that ran out) is left out, and a message of which
nothing is left is not sent. One that came
due while the service was away waits for the end of the quiet hours. A digest that nobody has tried yet takes
along what is unread of messages that never arrived: forty in one, not four times ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.database import Transaction, after_commit
from chassis.telemetry_names import DELIVERIES
from services.notifications.delivery.choices import MAIL, Choices, Timing
from services.notifications.delivery.deciding import held_until
from services.notifications.delivery.domain import ADDRESS_SUPPRESSED, CARRIED_FOR, State
from services.notifications.delivery.preferences import choices_of
from services.notifications.feed.kinds import KINDS, Standing, kind_of
from services.notifications.recipients import Recipient, RecipientKind

LEASE = timedelta(seconds=60)
"""A worker that dies leaves its messages to the others after that time."""
BATCH = 20
_BINDING = [name for name, kind in KINDS.items() if kind.standing is Standing.binding]


class Item(NamedTuple):
    """One notice of a message."""

    notification_id: UUID
    kind: str
    data: dict[str, Any]


class Due(NamedTuple):
    """A claimed message, with all that decides how it is sent."""

    id: UUID
    city_id: UUID
    recipient: Recipient
    channel: str
    attempts: int
    refused_since: datetime | None
    traceparent: str | None
    language: str | None
    unsubscribe_token: str | None
    items: tuple[Item, ...]
    """Oldest first; never empty."""
    is_over: bool = False
    """It arrived in a browser, and nothing of it is to go to the others any more: it is only noted."""

    @property
    def is_binding(self) -> bool:
        """Whether nobody can end messages like this."""
        return all(kind_of(each.kind).standing is Standing.binding for each in self.items)


class Ended(NamedTuple):
    """What became of a claimed message for good."""

    due: Due
    state: State
    at: datetime
    reason: str | None = None
    traceparent: str | None = None
    """Of the attempt: what is told of it belongs to its trace."""


async def claim_due(tx: Transaction, now: datetime, channel: str = MAIL, most: int = BATCH) -> list[Due]:
    """Take a channel's next messages that are due, or whose worker died; none that somebody else has."""
    values = {"now": now, "lease_end": now + LEASE, "channel": channel, "batch": most}
    ids = list((await tx.execute(_CLAIM, values)).scalars())
    if not ids:
        return []
    await tx.execute(_CARRY_OVER, {"ids": ids, "not_before": now - CARRIED_FOR})
    await tx.execute(_LEAVE_OUT_READ, {"ids": ids, "binding": _BINDING})
    items: dict[UUID, list[Item]] = {}
    for delivery, *item in await tx.execute(_ITEMS, {"ids": ids}):
        items.setdefault(delivery, []).append(Item(*item))
    due = []
    for row in await tx.execute(_LOAD, {"ids": ids}):
        each = await _looked_at_again(tx, _Claimed(*row), tuple(items.get(row.id, ())), now)
        if each is not None:
            due.append(each)
    return due


async def settle_all(tx: Transaction, ended: Sequence[Ended]) -> set[UUID]:
    """Note what became of claimed messages for good; returns those whose claim was not lost meanwhile."""
    columns = {
        "ids": [each.due.id for each in ended],
        "attempts": [each.due.attempts for each in ended],
        "states": [each.state.value for each in ended],
        "reasons": [each.reason for each in ended],
        "ends": [each.at for each in ended],
    }
    return set((await tx.execute(_SETTLE, columns)).scalars())


class _Claimed(NamedTuple):
    id: UUID
    city_id: UUID
    recipient_kind: str
    recipient_id: UUID
    channel: str
    attempts: int
    refused_since: datetime | None
    traceparent: str | None
    language: str | None
    unsubscribe_token: str | None
    agreed: bool
    has_account: bool
    choices: dict[str, Any]
    was_carried_over: bool
    was_taken: bool
    is_read: bool


async def _looked_at_again(
    tx: Transaction, row: _Claimed, items: tuple[Item, ...], now: datetime
) -> Due | None:
    """None for what is not sent now: nothing of it is left, or it waits."""
    choices = choices_of(row.choices)
    reasons = [_left_out(row, choices, each, now) for each in items]
    left_out = [(each, why) for each, why in zip(items, reasons, strict=True) if why is not None]
    wanted = tuple(each for each, why in zip(items, reasons, strict=True) if why is None)
    recipient = Recipient(RecipientKind(row.recipient_kind), row.recipient_id)
    due = Due(row.id, row.city_id, recipient, *row[4:10], wanted)
    if row.was_taken and (row.is_read or left_out):
        return due._replace(items=items, is_over=True)
    if not wanted:
        reason = "carried-over" if row.was_carried_over else "read-in-feed"
        if left_out:
            reason = left_out[0][1]
        await settle_all(tx, [Ended(due, State.suppressed, now, reason)])
        after_commit(tx, DELIVERIES.labels(row.channel, State.suppressed.value).inc)
        return None
    if left_out:
        ids, whys = [each.notification_id for each, _ in left_out], [why for _, why in left_out]
        await tx.execute(_LEAVE_OUT, {"ids": ids, "reasons": whys, "channel": row.channel})
    later, rules = held_until(choices, now)
    if rules and not due.is_binding:
        await tx.execute(_HOLD, {"id": row.id, "due_at": later})
        return None
    return due


def _left_out(row: _Claimed, choices: Choices, item: Item, now: datetime) -> str | None:
    """Why it is not told in a message after all; None for what is."""
    if not row.has_account:
        return "not-agreed"
    kind = kind_of(item.kind)
    if kind.standing is Standing.binding:
        return None
    timing = choices.timings.get(item.kind, {}).get(row.channel) or kind.defaults.get(row.channel)
    if not row.agreed or timing is Timing.never:
        return "not-agreed"
    return "out-of-date" if kind.is_over(item.data, now) else None


async def put_back(tx: Transaction, due: Due, again_at: datetime, *, refused_since: datetime | None) -> None:
    """Leave a claimed message for later: it was refused, or nobody could be asked."""
    columns = {
        "id": due.id,
        "attempts": due.attempts,
        "state": State.failed_for_now if refused_since else State.pending,
        "due_at": again_at,
        "reason": "refused-for-now" if refused_since else None,
        "refused_since": refused_since,
    }
    await tx.execute(_PUT_BACK, columns)


_CLAIM = text("""
    UPDATE delivery SET state = 'sending', due_at = :lease_end, attempts = attempts + 1, reason = NULL
    WHERE id IN (
        SELECT id FROM delivery WHERE due_at <= :now AND channel = :channel
        ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    RETURNING id
""")
UNDELIVERED = f"""
    (delivery.state = 'failed_for_good'
     OR delivery.state = 'suppressed' AND delivery.reason = '{ADDRESS_SUPPRESSED}')
"""
"""What never arrived, and could: the condition of the index `delivery_undelivered`."""
# Of messages that somebody sends again at this moment nothing is taken.
_CARRY_OVER = text(f"""
    WITH undelivered AS (
        SELECT delivery.id, digest.id AS digest_id
        FROM delivery AS digest
        JOIN delivery ON delivery.recipient_kind = digest.recipient_kind
                     AND delivery.recipient_id = digest.recipient_id AND delivery.channel = digest.channel
        WHERE digest.id = ANY(CAST(:ids AS uuid[])) AND digest.attempts = 1
          AND digest."window" LIKE 'digest:%' AND {UNDELIVERED}
        ORDER BY delivery.id FOR UPDATE OF delivery SKIP LOCKED
    )
    UPDATE decision SET delivery_id = undelivered.digest_id, rules = rules || CAST('carried-over' AS text)
    FROM undelivered, notification
    WHERE decision.delivery_id = undelivered.id AND decision.left_out IS NULL
      AND notification.id = decision.notification_id AND notification.read_at IS NULL
      AND notification.created_at > CAST(:not_before AS timestamptz)
""")  # noqa: S608  no part of it is anybody's text
# What arrived in one browser and is read there was not left out.
_LEAVE_OUT_READ = text("""
    UPDATE decision SET left_out = 'read-in-feed' FROM notification
    WHERE decision.delivery_id = ANY(CAST(:ids AS uuid[])) AND decision.left_out IS NULL
      AND notification.id = decision.notification_id AND notification.read_at IS NOT NULL
      AND NOT notification.kind = ANY(CAST(:binding AS text[]))
      AND NOT EXISTS (SELECT FROM delivery_device
                      WHERE delivery_device.delivery_id = decision.delivery_id AND taken)
""")
_LEAVE_OUT = text("""
    UPDATE decision SET left_out = unwanted.reason
    FROM unnest(CAST(:ids AS uuid[]), CAST(:reasons AS text[])) AS unwanted (id, reason)
    WHERE notification_id = unwanted.id AND channel = :channel
""")
_ITEMS = text("""
    SELECT delivery_id, notification.id, notification.kind, notification.data
    FROM decision JOIN notification ON notification.id = notification_id
    WHERE delivery_id = ANY(CAST(:ids AS uuid[])) AND left_out IS NULL
    ORDER BY delivery_id, notification.sequence
""")
_LOAD = text("""
    SELECT delivery.id, delivery.city_id, delivery.recipient_kind, delivery.recipient_id, channel, attempts,
           refused_since, traceparent, preference.language, preference.unsubscribe_token,
           CASE channel WHEN 'mail' THEN coalesce(preference.mail, false) ELSE EXISTS (
               SELECT FROM device WHERE device.recipient_kind = delivery.recipient_kind
                                    AND device.recipient_id = delivery.recipient_id) END AS agreed,
           delivery.recipient_kind = 'person'
           OR coalesce(claimed_version > 0 AND closed_version <= public_version, false) AS has_account,
           coalesce(preference.choices, CAST('{}' AS jsonb)) AS choices,
           NOT EXISTS (SELECT FROM decision WHERE delivery_id = delivery.id) AS was_carried_over,
           attempts > 1 AND EXISTS (
               SELECT FROM delivery_device WHERE delivery_id = delivery.id AND taken) AS was_taken,
           attempts > 1 AND NOT EXISTS (
               SELECT FROM decision JOIN notification ON notification.id = notification_id
               WHERE delivery_id = delivery.id AND left_out IS NULL AND read_at IS NULL) AS is_read
    FROM delivery
    LEFT JOIN preference ON preference.recipient_kind = delivery.recipient_kind
                        AND preference.recipient_id = delivery.recipient_id
    LEFT JOIN merchant ON delivery.recipient_kind = 'merchant' AND merchant_id = delivery.recipient_id
    WHERE delivery.id = ANY(CAST(:ids AS uuid[]))
    ORDER BY delivery.created_at, delivery.id
""")
# Nobody has tried it: it may take more until it is due again.
_HOLD = text("""
    UPDATE delivery SET state = 'pending', due_at = :due_at, attempts = attempts - 1 WHERE id = :id
""")
_PUT_BACK = text("""
    UPDATE delivery SET state = :state, due_at = :due_at, reason = :reason, refused_since = :refused_since
    WHERE id = :id AND state = 'sending' AND attempts = :attempts
""")
_SETTLE = text("""
    UPDATE delivery SET state = ended.state, due_at = NULL, reason = ended.reason, finished_at = ended.at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[]), CAST(:states AS text[]),
                CAST(:reasons AS text[]), CAST(:ends AS timestamptz[]))
         AS ended (id, attempts, state, reason, at)
    WHERE delivery.id = ended.id AND delivery.state = 'sending' AND delivery.attempts = ended.attempts
    RETURNING delivery.id
""")
