"""Webhooks that lie at each place: an endpoint with something on its way, and one to be removed."""

from __future__ import annotations

from uuid import UUID

from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.webhooks.queue import add, delivery
from services.campaigns.webhooks.tables import webhook_endpoint
from tests.access.world import World


async def webhooks(world: World) -> None:
    """Of the place's city: who may remove one there does it once."""
    async with world.services["campaigns"].service.database.transaction() as tx:
        for place in world.places.values():
            city_id, now = UUID(place["city_id"]), utc_now()
            endpoint, unwanted = [await _endpoint(tx, city_id) for _ in range(2)]
            message_id = new_id()
            message = {"id": message_id, "city_id": city_id, "type": "x", "at": now, "body": b"{}"}
            queued = delivery(endpoint, city_id, message_id, now)
            await add(tx, [message], [queued])
            place |= {"endpoint_id": str(endpoint), "unwanted_endpoint_id": str(unwanted)}
            place |= {"delivery_id": str(queued["id"])}


async def _endpoint(tx: Transaction, city_id: UUID) -> UUID:
    endpoint_id = new_id()
    row = {"id": endpoint_id, "city_id": city_id, "url": "https://example.org/", "description": ""}
    row |= {"types": [], "made_at": utc_now(), "secret": b"-", "failures": 0}
    await tx.execute(webhook_endpoint.insert().values(row))
    return endpoint_id
