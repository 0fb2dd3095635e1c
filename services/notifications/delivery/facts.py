"""What the world is told of deliveries, notice by notice: at once, and again by `republish`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from contracts.envelope import Event, Fact
from contracts.notifications.v1 import DeliveryFailed, MerchantNotified
from services.notifications.delivery.domain import State
from services.notifications.delivery.planning import sent_as
from services.notifications.delivery.queue import Due


async def tell(tx: Transaction, due: Due, state: State, now: datetime, reason: str | None) -> None:
    """Record that a message was taken, or refused for good; nothing else is news."""
    for event in _events(due, state, now, reason):
        await outbox.record(tx, event)


def _events(due: Due, state: State, now: datetime, reason: str | None) -> Sequence[Event[Fact]]:
    merchant = due.recipient.merchant_id
    if merchant is None or state not in {State.sent, State.failed_for_good}:
        return ()  # a person has no name on the bus
    return [
        Event.of(_fact((due.city_id, merchant), each.notification_id, each.kind, due.channel, reason), now)
        for each in due.items
    ]


def _fact(
    merchant_of: tuple[UUID, UUID], notification: UUID, kind: str, channel: str, reason: str | None
) -> Fact:
    """A channel accepted it, or with a reason: refused it for good."""
    city, merchant = merchant_of
    delivery = sent_as(notification, channel)
    if reason is None:
        return MerchantNotified(
            city_id=city,
            merchant_id=merchant,
            delivery_id=delivery,
            notification_id=notification,
            kind=kind,
            channel=channel,
        )
    return DeliveryFailed(
        city_id=city,
        merchant_id=merchant,
        delivery_id=delivery,
        notification_id=notification,
        channel=channel,
        reason=reason,
    )


def _ended(row: RowMapping) -> Event[Fact]:
    merchant_of = (row["city_id"], row["recipient_id"])
    fact = _fact(merchant_of, row["notification_id"], row["kind"], row["channel"], row["reason"])
    return Event.of(fact, row["finished_at"])


_ENDED = text("""
    SELECT delivery.city_id, delivery.recipient_id, notification_id, notification.kind, delivery.channel,
           delivery.reason, finished_at
    FROM delivery
    JOIN decision ON decision.delivery_id = delivery.id AND left_out IS NULL
    JOIN notification ON notification.id = notification_id
    WHERE delivery.recipient_kind = 'merchant' AND state IN ('sent', 'failed_for_good')
    ORDER BY finished_at, notification_id
""")
HISTORY = (Source(_ENDED, _ended),)
