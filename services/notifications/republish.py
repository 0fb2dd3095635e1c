"""Every fact of this service, from its own tables, with its original id and time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.envelope import Event, Fact
from services.notifications.delivery.domain import State
from services.notifications.delivery.facts import delivery_failed, merchant_notified
from services.notifications.milestones.reaction import Milestone, event_of

_MILESTONES = text("""
    SELECT id, city_id, merchant_id, kind, threshold, reached_at, 0, NULL FROM milestone
    ORDER BY reached_at, id
""")
_DELIVERIES = text("""
    SELECT delivery.id, delivery.city_id, delivery.merchant_id, notification_id, notification.kind, channel,
           state, delivery.reason, finished_at
    FROM delivery JOIN notification ON notification.id = notification_id
    WHERE state IN ('sent', 'failed')
    ORDER BY finished_at, delivery.id
""")


async def facts(connection: AsyncConnection) -> AsyncIterator[Event[Fact]]:
    """Milestones first, then what was handed over or refused."""
    async with connection.stream(_MILESTONES) as milestones:
        async for row in milestones:
            yield event_of(Milestone(*row))
    async with connection.stream(_DELIVERIES) as deliveries:
        async for row in deliveries:
            yield _delivered(row)


def _delivered(row: Row[Any]) -> Event[Fact]:
    about: dict[str, Any] = {
        "city": row.city_id,
        "merchant": row.merchant_id,
        "delivery": row.id,
        "notification": row.notification_id,
        "channel": row.channel,
        "at": row.finished_at,
    }
    if row.state == State.sent:
        return merchant_notified(**about, kind=row.kind)
    return delivery_failed(**about, reason=row.reason)
