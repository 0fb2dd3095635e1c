"""What the world is told of deliveries, notice by notice: at once, and again by `republish`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from contracts.envelope import Event, Fact
from contracts.notifications.v1 import DeliveryFailed, MerchantNotified
from services.notifications.delivery.domain import State
from services.notifications.delivery.planning import sent_as
from services.notifications.delivery.queue import Due, Ended


async def tell(tx: Transaction, ended: Sequence[Ended]) -> None:
    """Record that messages were taken, or refused for good; nothing else is news."""
    await outbox.record_traced(
        tx, [(event, each.traceparent) for each in ended for event in _events(each.due, each)]
    )


def _events(due: Due, ended: Ended) -> Sequence[Event[Fact]]:
    merchant = due.recipient.merchant_id
    if merchant is None or ended.state not in {State.sent, State.failed_for_good}:
        return ()  # a person has no name on the bus
    of = (due.city_id, merchant)
    return [
        Event.of(_fact(of, each.notification_id, each.kind, due.channel, ended.reason), ended.at)
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
