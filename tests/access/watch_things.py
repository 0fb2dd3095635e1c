"""What lies at each place of what is watched elsewhere."""

from __future__ import annotations

from uuid import UUID

from chassis.clock import utc_now
from chassis.ids import new_id
from services.campaigns.connections.tables import connection
from services.campaigns.watch.tables import watched_source
from tests.access.callers import CALLERS
from tests.access.calls import FORMER
from tests.access.world import Preparation, World


async def watched_sources(world: World) -> None:
    """One for each caller, who may take it out."""
    now = utc_now()
    async with world.services["campaigns"].service.database.transaction() as tx:
        for name, place in world.places.items():
            place |= {"connector": "google-business-profile"}
            for caller in (*(each.column for each in CALLERS), *world.service_names):
                row = {
                    "id": new_id(),
                    "city_id": UUID(place["city_id"]),
                    "kind": "feed",
                    "address": f"https://{caller}.{name}.example/feed",
                    "tag": "",
                    "added_at": now,
                    "due_at": now,
                    "failures": 0,
                }
                await tx.execute(watched_source.insert().values(row))
                world.own[caller, name] |= {"source_id": str(row["id"])}


async def connections(world: World) -> None:
    """Two of each shop that the platform ended: one stays, one may be taken away."""
    async with world.services["campaigns"].service.database.transaction() as tx:
        for place in world.places.values():
            for connector in (place["connector"], FORMER):
                row = {
                    "id": new_id(),
                    "city_id": UUID(place["city_id"]),
                    "merchant_id": UUID(place["merchant_id"]),
                    "connector": connector,
                    "state": "disconnected",
                    "connected_at": utc_now(),
                    "failures": 0,
                }
                await tx.execute(connection.insert().values(row))


PREPARATIONS: tuple[Preparation, ...] = (watched_sources, connections)
