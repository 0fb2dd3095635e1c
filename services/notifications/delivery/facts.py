"""What the world is told of deliveries: at once, and again by `republish`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from chassis.history import Source
from contracts.envelope import Event
from contracts.notifications.v1 import DeliveryFailed, MerchantNotified
from services.notifications.delivery.domain import State


def merchant_notified(
    *, city: UUID, merchant: UUID, delivery: UUID, notification: UUID, kind: str, channel: str, at: datetime
) -> Event[MerchantNotified]:
    """A channel accepted it at that time."""
    fact = MerchantNotified(
        city_id=city,
        merchant_id=merchant,
        delivery_id=delivery,
        notification_id=notification,
        kind=kind,
        channel=channel,
    )
    return Event.of(fact, at)


def delivery_failed(
    *, city: UUID, merchant: UUID, delivery: UUID, notification: UUID, channel: str, reason: str, at: datetime
) -> Event[DeliveryFailed]:
    """A channel refused it for good at that time."""
    fact = DeliveryFailed(
        city_id=city,
        merchant_id=merchant,
        delivery_id=delivery,
        notification_id=notification,
        channel=channel,
        reason=reason,
    )
    return Event.of(fact, at)


def _ended(row: RowMapping) -> Event[MerchantNotified] | Event[DeliveryFailed]:
    about: dict[str, Any] = {
        "city": row["city_id"],
        "merchant": row["recipient_id"],
        "delivery": row["id"],
        "notification": row["notification_id"],
        "channel": row["channel"],
        "at": row["finished_at"],
    }
    if row["state"] == State.sent:
        return merchant_notified(**about, kind=row["kind"])
    return delivery_failed(**about, reason=row["reason"])


_ENDED = text("""
    SELECT delivery.id, delivery.city_id, delivery.recipient_id, notification_id, notification.kind, channel,
           state, delivery.reason, finished_at
    FROM delivery JOIN notification ON notification.id = notification_id
    WHERE delivery.recipient_kind = 'merchant' AND state IN ('sent', 'failed')
    ORDER BY finished_at, delivery.id
""")
HISTORY = (Source(_ENDED, _ended),)
