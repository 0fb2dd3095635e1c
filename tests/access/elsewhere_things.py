"""What is known at each place of its shop on other platforms; each caller has their own to take out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere.domain import FoundCount, Measure, Source
from services.campaigns.elsewhere.record import record_count
from services.campaigns.profiles.tables import merchant_profile
from tests.access.callers import CALLERS
from tests.access.world import Place, World


async def seen_elsewhere(world: World) -> None:
    """A profile, and a count of another day that the shop noted."""
    columns = [*(each.column for each in CALLERS), *world.service_names]
    for name, place in world.places.items():
        async with world.services["campaigns"].service.database.transaction() as tx:
            for days, column in enumerate(columns):
                merchant = UUID(place["merchant_id"])
                world.own[column, name] |= {
                    "profile_id": await _profile(tx, place),
                    "count_id": await _count(tx, merchant, days),
                }


async def posts_elsewhere(world: World) -> None:
    """A post about each shop: at home one that each caller handed in, at the other places somebody else's."""
    for place in (world.next_door, world.elsewhere):
        place |= {"post_id": await _post(world, place, str(uuid4()))}
    for column, person in world.persons.items():
        world.own[column, "home"] |= {"post_id": await _post(world, world.home, person)}


async def _post(world: World, place: Place, person: str) -> str:
    body = {"merchant_id": place["merchant_id"], "url": f"https://www.facebook.com/{uuid4()}", "kind": "post"}
    made = await world.ask("campaigns", "POST", "/elsewhere/posts", person=person, json=body)
    return str(made["id"])


async def _profile(tx: Transaction, place: Place) -> str:
    row = {
        "id": new_id(),
        "city_id": UUID(place["city_id"]),
        "merchant_id": UUID(place["merchant_id"]),
        "platform": "website",
        "url": f"https://example.be/{new_id()}",
        "stated_by": "merchant",
        "stated_at": utc_now(),
        "checked_at": utc_now(),
        "checked_by": "merchant",
    }
    await tx.execute(merchant_profile.insert().values(row))
    return str(row["id"])


async def _count(tx: Transaction, merchant_id: UUID, days: int) -> str:
    day = brussels_day(utc_now()) - timedelta(days=1 + days)
    count = FoundCount("google", Measure.REVIEWS, day, 12, Source.MERCHANT)
    return str((await record_count(tx, merchant_id, count, utc_now())).id)
