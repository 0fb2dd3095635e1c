"""What is told on the bus is queued for the endpoints that want it, in the batch's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.received import Received
from contracts.envelope import Fact
from services.campaigns.study.tables import erased_merchant
from services.campaigns.webhooks.catalogue import OFFERED, body_of, cities_of, name_of
from services.campaigns.webhooks.tables import webhook_delivery, webhook_message

KEPT = timedelta(days=30)
"""Messages and what became of them: so far back can be sent again."""


async def queue(tx: Transaction, events: Sequence[Received[Fact]], now: datetime) -> None:
    """Keep each event for the cities that have an endpoint, and queue it for those that ask for its type.

    An endpoint hears of what happened since it was registered; of what happens while it is switched off,
    where that is asked for. What was queued before is not queued again: rows are kept as long as events
    are taken.
    """
    fresh = [event for event in events if event.time > now - KEPT]
    cities = {city for event in fresh for city in cities_of(event.fact)}
    endpoints = (await tx.execute(_ENDPOINTS, {"cities": sorted(cities)})).all() if cities else []
    if not endpoints:
        return
    erased = await _erased(tx, fresh)
    messages: list[dict[str, Any]] = []
    deliveries: list[dict[str, Any]] = []
    for event in fresh:
        concerned = cities_of(event.fact) & {each.city_id for each in endpoints}
        if not concerned or _shop_of(event) in erased:
            continue
        kind, body = name_of(type(event.fact)), body_of(event.fact, event.time)
        said = {"id": event.id, "type": kind, "at": event.time, "body": body, "merchant_id": _shop_of(event)}
        messages += [{**said, "city_id": city} for city in concerned]
        deliveries += [
            delivery(each.id, each.city_id, event.id, now)
            for each in endpoints
            if each.city_id in concerned and _wants(each, kind, event.time)
        ]
    await add(tx, messages, deliveries)


async def add(
    tx: Transaction, messages: Sequence[dict[str, Any]], deliveries: Sequence[dict[str, Any]]
) -> None:
    """Store what is not stored yet, in the order of the keys."""
    if messages:
        ordered = sorted(messages, key=lambda each: (each["id"], each["city_id"]))
        await tx.execute(insert(webhook_message).on_conflict_do_nothing(), ordered)
    if deliveries:
        queued = sorted(deliveries, key=lambda each: (each["endpoint_id"], each["message_id"]))
        await tx.execute(insert(webhook_delivery).on_conflict_do_nothing(), queued)


def delivery(endpoint_id: UUID, city_id: UUID, message_id: UUID, now: datetime) -> dict[str, Any]:
    """A row that waits to be sent."""
    return {
        "id": new_id(),
        "city_id": city_id,
        "endpoint_id": endpoint_id,
        "message_id": message_id,
        "state": "pending",
        "attempts": 0,
        "queued_at": now,
        "next_attempt_at": now,
    }


def consumer(clock: Clock) -> Consumer:
    """Its inbox may forget: what was queued is remembered as long as it would be queued."""

    async def apply(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        await queue(tx, events, clock())

    return Consumer("campaigns__webhooks", OFFERED, apply, horizon=None)


def _shop_of(event: Received[Fact]) -> UUID | None:
    shop: UUID | None = getattr(event.fact, "merchant_id", None)
    return shop


async def _erased(tx: Transaction, events: Sequence[Received[Fact]]) -> frozenset[UUID]:
    """Which of their shops are erased: what is read of them again brings nothing of them back."""
    shops = {shop for event in events if (shop := _shop_of(event)) is not None}
    await tx.execute(_STORES)
    gone = await tx.scalars(
        select(erased_merchant.c.merchant_id).where(erased_merchant.c.merchant_id.in_(shops))
    )
    return frozenset(gone)


def _wants(endpoint: Row[Any], kind: str, at: datetime) -> bool:
    return kind in endpoint.types and endpoint.disabled is None and endpoint.made_at <= at


# An erasure holds the table until it is over (personal_data.py): only then is looked who is erased.
_STORES = text("LOCK TABLE webhook_message IN ROW EXCLUSIVE MODE")
# An endpoint that is removed at this moment waits for the batch, and takes what it queued along.
_ENDPOINTS = text("""
    SELECT id, city_id, types, disabled, made_at FROM webhook_endpoint
    WHERE city_id = ANY(CAST(:cities AS uuid[])) ORDER BY id FOR KEY SHARE
""")
