"""What the world is told of deliveries: at once, and again by `republish`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.envelope import Event
from contracts.notifications.v1 import DeliveryFailed, MerchantNotified


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
