"""Merchants are known from the directory's events, in whatever order these arrive."""

from __future__ import annotations

from itertools import permutations
from typing import Any
from uuid import UUID

import httpx
from msgspec import structs
from sqlalchemy import select

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Mode, Service, create_app
from contracts.directory.v1 import MerchantClaimed, MerchantUpdated
from contracts.envelope import Event, Fact, encode
from contracts.streams import subject_of
from services.assessment import merchants
from services.assessment.kinds.listed import listed_kinds
from services.assessment.merchants import Merchant
from services.assessment.merchants import merchants as table
from services.assessment.places import merchant_places
from tests.integration.assessment.conftest import (
    CITY,
    closed,
    listed,
    news,
    owner_of,
    service_on,
    submission,
)
from tests.support.delivered import deliver
from tests.support.one_service import fresh_streams, until
from tests.support.servers import Nats, Postgres


def updated(merchant: UUID, version: int) -> MerchantUpdated:
    return MerchantUpdated(
        city_id=CITY, merchant_id=merchant, version=version, kind="shop=bakery", longitude=5.6, latitude=49.7
    )


async def known_after(service: Service, *batches: list[Fact]) -> Merchant | None:
    for batch in batches:
        async with service.database.transaction() as tx:
            await merchants.apply(tx, sorted((news(fact) for fact in batch), key=lambda each: each.order()))
    async with service.database.connection() as connection:
        return await merchants.find(connection, batches[0][0].key())


async def test_any_order_of_delivery_gives_the_same_merchant(service: Service) -> None:
    rows: set[Any] = set()
    for order in permutations(range(4)):
        for cut in range(1, 4):
            merchant = new_id()
            facts: list[Fact] = [
                listed(merchant),
                updated(merchant, 2),
                closed(merchant, 3),
                updated(merchant, 4),
            ]
            shuffled = [facts[place] for place in order]
            known = await known_after(service, shuffled[:cut], shuffled[cut:], shuffled[:1])
            assert known == Merchant(merchant, CITY, closed=False)
    async with service.database.connection() as connection:
        rows = set(
            await connection.execute(select(table.c.city_id, table.c.listed_version, table.c.closed_version))
        )
    assert rows == {(CITY, 4, 3)}


async def test_the_newest_news_says_where_a_merchant_is_and_of_which_kind_whatever_comes_when(
    service: Service,
) -> None:
    for order in permutations(range(3)):
        merchant = new_id()
        facts = [
            structs.replace(updated(merchant, version), kind=f"shop=kind_{version}", latitude=50.0 + version)
            for version in (1, 2, 3)
        ]
        for at in (*order, order[0]):
            await deliver(service, Event.of(facts[at], utc_now()))
        async with service.database.connection() as connection:
            same = listed_kinds.c.merchant_id == merchant_places.c.merchant_id
            query = select(listed_kinds.c.kind, merchant_places.c.latitude).join(merchant_places, same)
            found = await connection.execute(query.where(listed_kinds.c.merchant_id == merchant))
        assert [tuple(row) for row in found] == [("shop=kind_3", 53.0)]


async def test_a_closing_that_overtakes_the_listing_is_kept_until_it_comes(service: Service) -> None:
    merchant = new_id()
    assert await known_after(service, [closed(merchant, 2)]) is None
    assert await known_after(service, [listed(merchant, 1)]) == Merchant(merchant, CITY, closed=True)


async def test_a_merchant_told_of_on_the_bus_can_be_assessed_and_the_bus_is_told(
    postgres: Postgres, nats: Nats, migrated: str
) -> None:
    await fresh_streams(nats)
    service = service_on(await postgres.create_database(template=migrated), nats)
    app = create_app(service, Mode.all)
    merchant = new_id()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://assessment") as client,
    ):
        directory = await nats.connect("directory")
        claimed = MerchantClaimed(city_id=CITY, merchant_id=merchant, version=2)
        for fact in (claimed, listed(merchant)):
            event: Event[Fact] = Event.of(fact, utc_now())
            await directory.jetstream().publish(subject_of(event), encode(event))
        await directory.close()

        async def handed_in() -> bool:
            answer = await client.post(
                "/api/v1/assessments",
                json=submission(merchant),
                headers={**owner_of(merchant), "Idempotency-Key": "only-once"},
            )
            assert answer.status_code in {201, 422}, answer.text
            return answer.status_code == 201

        await until(handed_in)
        observer = await nats.connect()

        async def told() -> bool:
            info = await observer.jetstream().stream_info("ASSESSMENT")
            return info.state.messages == 1

        await until(told)
        await observer.close()
        assert (await client.get("/readyz")).status_code == 200
