"""Suggested corrections at each place: for each caller some to decide about, and one of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.ids import new_id
from services.directory.corrections.tables import merchant_correction
from tests.access.callers import CALLERS
from tests.access.world import Place, World

_WHAT = ("accepted", "refused", "reverted")


async def corrections(world: World) -> None:
    """What is decided is decided: each caller has some of theirs to try it with."""
    async with world.services["directory"].service.database.transaction() as tx:
        for name, place in world.places.items():
            place |= {"correction_id": await _made(tx, place)}
            for caller in CALLERS:
                for what in _WHAT:
                    state = {"state": "accepted", "decided_at": utc_now()} if what == "reverted" else {}
                    made = await _made(tx, place, **state)
                    world.own[caller.column, name] |= {f"{what}_correction_id": made}
        for column, person in world.persons.items():
            own = await _made(tx, world.home, person_id=UUID(person))
            world.own[column, "home"] |= {"correction_id": own}


async def _made(tx: Transaction, place: Place, **more: Any) -> str:
    row = {
        "id": new_id(),
        "receipt_id": uuid4(),
        "city_id": UUID(place["city_id"]),
        "merchant_id": UUID(place["merchant_id"]),
        "field": "phone",
        "suggested": {},
        "seen": {},
        "suggested_at": utc_now(),
        "state": "open",
    }
    await tx.execute(insert(merchant_correction).values({**row, **more}))
    return str(row["id"])
