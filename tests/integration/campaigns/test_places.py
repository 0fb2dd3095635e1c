"""The projection of the directory's events, on the real database and bus."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.database import Database
from chassis.ids import new_id
from chassis.pull_loop import Consumers
from contracts.directory.v1 import MerchantClosed, MerchantListed, MerchantUpdated
from contracts.envelope import Event, Fact, encode
from contracts.streams import DURABLES, subject_of
from services.campaigns.places import consumers, projections
from tests.support.campaigns import Campaigns
from tests.support.campaigns_places import CITY, histories
from tests.support.one_service import fresh_streams, running, until
from tests.support.servers import Nats

TABLES = ("known_city", "known_district", "known_merchant")
DURABLE = DURABLES["campaigns__places"]
Known = dict[str, list[tuple[Any, ...]]]


async def known(database: Database) -> Known:
    async with database.connection() as connection:
        return {
            table: [
                tuple(row) for row in await connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))
            ]
            for table in TABLES
        }


async def learned(database: Database, *batches: Sequence[Fact]) -> Known:
    """What is known after these batches alone."""
    async with database.transaction() as tx:
        await tx.execute(text(f"TRUNCATE {', '.join(TABLES)}"))
        for batch in batches:
            await projections.learn(tx, batch)
    return await known(database)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_with_redeliveries_leaves_the_same_rows(
    campaigns: Campaigns, data: st.DataObject
) -> None:
    facts = data.draw(histories())
    again = data.draw(st.lists(st.sampled_from(facts), max_size=len(facts)))
    shuffled = data.draw(st.permutations([*facts, *again]))
    cut = data.draw(st.integers(0, len(shuffled)))
    one_by_one = [[fact] for fact in facts]
    expected = await learned(campaigns.database, *one_by_one)
    assert await learned(campaigns.database, shuffled[:cut], shuffled[cut:]) == expected


async def test_workers_side_by_side_neither_deadlock_nor_overwrite_newer_news(campaigns: Campaigns) -> None:
    chance = random.Random(8)
    merchants = [new_id() for _ in range(40)]
    facts = [_told(chance, merchant, version) for merchant in merchants for version in range(1, 9)]
    expected = await learned(campaigns.database, facts)
    await learned(campaigns.database)
    batches = []
    for _ in range(4):
        shuffled = chance.sample(facts, len(facts))
        batches += [shuffled[start : start + 40] for start in range(0, len(shuffled), 40)]
    chance.shuffle(batches)

    async def worker() -> None:
        while batches:
            async with campaigns.database.transaction() as tx:
                await projections.learn(tx, batches.pop())

    await asyncio.gather(*(worker() for _ in range(4)))
    assert await known(campaigns.database) == expected


def _told(chance: random.Random, merchant: Any, version: int) -> Fact:
    if version > 1 and chance.random() < 0.3:
        return MerchantClosed(city_id=CITY, merchant_id=merchant, version=version)
    told = MerchantListed if version == 1 else MerchantUpdated
    return told(
        city_id=CITY,
        merchant_id=merchant,
        version=version,
        kind="shop=books",
        longitude=chance.random(),
        latitude=chance.random(),
        district_ids=(new_id(),),
    )


async def test_a_listing_on_the_bus_makes_a_merchant_reviewable_and_a_closing_ends_it(
    campaigns: Campaigns, nats: Nats
) -> None:
    await fresh_streams(nats)
    merchant, overtaken = new_id(), new_id()
    chance = random.Random(1)
    closing = MerchantClosed(city_id=CITY, merchant_id=overtaken, version=2)
    listings = [_told(chance, merchant, 1), _told(chance, overtaken, 1)]
    async with running(Consumers([consumers.places()], campaigns.database, campaigns.settings)):
        await publish(nats, closing, *listings, listings[0])
        await until(lambda: settled(nats))
        assert (await campaigns.review(merchant, new_id())).status_code == 201
        assert (await campaigns.review(overtaken, new_id())).status_code == 409
        await publish(nats, MerchantClosed(city_id=CITY, merchant_id=merchant, version=2))
        await until(lambda: settled(nats))
        assert (await campaigns.review(merchant, new_id())).status_code == 409


async def publish(nats: Nats, *facts: Fact) -> None:
    client = await nats.connect()
    for fact in facts:
        event: Event[Fact] = Event.of(fact, utc_now())
        await client.jetstream().publish(subject_of(event), encode(event))
    await client.close()


async def settled(nats: Nats) -> bool:
    client = await nats.connect()
    info = await client.jetstream().consumer_info(DURABLE.stream, DURABLE.name)
    await client.close()
    return (info.num_pending, info.num_ack_pending) == (0, 0)
