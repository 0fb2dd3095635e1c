"""Rules 5 and 6 of the design: effects happen once; a bad message neither blocks nor gets lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from chassis import pause
from chassis.consumer import Refused
from chassis.database import Database, Transaction
from chassis.ids import new_id
from chassis.pull_loop import Consumers
from chassis.received import Received
from chassis.settings import ServiceSettings
from contracts.envelope import Event, Fact, encode
from contracts.streams import REPLAYED_HEADER, subject_of
from tests.support import tally
from tests.support.one_service import CITY, a_review, chassis_database, fresh_streams, running, until
from tests.support.servers import Nats, Postgres

Service = tuple[Database, ServiceSettings]


@pytest.fixture
async def service(postgres: Postgres, nats: Nats) -> AsyncIterator[Service]:
    await fresh_streams(nats)
    async with chassis_database(postgres, nats, "notifications") as (database, settings):
        await tally.create_table(database)
        yield database, settings


async def publish(nats: Nats, *events: Event[Fact], headers: dict[str, str] | None = None) -> None:
    """Straight into the stream, without the dedupe id a relay would send: redeliveries are meant."""
    client = await nats.connect()
    for event in events:
        await client.jetstream().publish(subject_of(event), encode(event), headers=headers)
    await client.close()


async def publish_raw(nats: Nats, *bodies: bytes) -> None:
    client = await nats.connect()
    for body in bodies:
        await client.jetstream().publish(f"campaigns.ambassador-review-posted.v1.{CITY}.00", body)
    await client.close()


async def settled(nats: Nats) -> bool:
    """Whether the bus has nothing more to deliver and waits for no acknowledgement."""
    client = await nats.connect()
    info = await client.jetstream().consumer_info(tally.DURABLE.stream, tally.DURABLE.name)
    await client.close()
    return bool(info.num_pending == 0 and info.num_ack_pending == 0)


async def test_a_redelivered_review_counts_once(service: Service, nats: Nats) -> None:
    database, settings = service
    review = a_review()
    await publish(nats, review, review, review)
    async with running(Consumers([tally.consumer(database)], database, settings)):
        await until(lambda: settled(nats))
        await publish(nats, review)
        await until(lambda: settled(nats))
    assert await tally.tally(database) == {review.fact.merchant_id: 1}


async def test_one_poison_message_among_good_ones_is_set_aside_and_the_rest_applied(
    service: Service, nats: Nats
) -> None:
    database, settings = service
    reviews = [a_review() for _ in range(30)]
    await publish(nats, *reviews[:15])
    await publish_raw(nats, b"\x00\xff not json")
    await publish(nats, *reviews[15:])
    async with running(Consumers([tally.consumer(database)], database, settings)):
        await until(lambda: settled(nats))
    assert len(await tally.tally(database)) == 30
    (letter,) = await tally.dead_letters(database)
    assert letter["body"] == b"\x00\xff not json"
    assert letter["error"].startswith("not an event")
    assert letter["attempts"] == 1


async def test_headers_that_no_database_takes_do_not_keep_a_message_from_being_set_aside(
    service: Service, nats: Nats
) -> None:
    database, settings = service
    client = await nats.connect()
    subject = f"campaigns.ambassador-review-posted.v1.{CITY}.00"
    await client.jetstream().publish(subject, b"no event", headers={"traceparent": "00-\x00-\x00-01"})
    await client.close()
    review = a_review()
    await publish(nats, review)
    async with running(Consumers([tally.consumer(database)], database, settings)):
        await until(lambda: settled(nats))
    (letter,) = await tally.dead_letters(database)
    assert letter["trace_id"] is None
    assert await tally.tally(database) == {review.fact.merchant_id: 1}


async def test_the_event_a_handler_names_is_set_aside_alone(service: Service, nats: Nats) -> None:
    database, settings = service
    reviews = [a_review() for _ in range(30)]
    culprit = reviews[7]

    async def handler(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        named = {event.id: "this merchant is imaginary" for event in events if event.id == culprit.id}
        if named:
            raise Refused(named)
        await tally.apply(tx, events)

    await publish(nats, *reviews)
    async with running(Consumers([tally.consumer(database, handler)], database, settings)):
        await until(lambda: settled(nats))
    (letter,) = await tally.dead_letters(database)
    assert letter["event_id"] == culprit.id
    assert "imaginary" in letter["error"]
    assert set(await tally.tally(database)) == {review.fact.merchant_id for review in reviews} - {
        culprit.fact.merchant_id
    }


async def test_a_database_error_nobody_named_is_traced_to_its_event(service: Service, nats: Nats) -> None:
    database, settings = service
    full = new_id()
    await publish(nats, *(a_review(full) for _ in range(1000)))
    async with running(Consumers([tally.consumer(database)], database, settings)):
        await until(lambda: settled(nats))
        over, others = a_review(full), [a_review() for _ in range(40)]
        await publish(nats, *others[:20], over, *others[20:])
        await until(lambda: settled(nats))
    (letter,) = await tally.dead_letters(database)
    assert letter["event_id"] == over.id
    assert "CheckViolation" in letter["error"]
    assert len(await tally.tally(database)) == 41


async def test_an_infrastructure_error_is_retried_and_nothing_is_dead_lettered(
    service: Service, nats: Nats
) -> None:
    database, settings = service
    failures = 3

    async def handler(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise ConnectionResetError("the database went away")
        await tally.apply(tx, events)

    review = a_review()
    await publish(nats, review)
    async with running(Consumers([tally.consumer(database, handler)], database, settings)):
        await until(lambda: settled(nats))
    assert failures == 0
    assert await tally.dead_letters(database) == []
    assert await tally.tally(database) == {review.fact.merchant_id: 1}


async def test_a_consumer_whose_messages_fail_in_numbers_pauses_until_it_is_resumed(
    service: Service, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, settings = service
    monkeypatch.setattr(pause, "POLL_SECONDS", 0.05)
    broken = True

    async def handler(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        if broken:
            raise KeyError("a bad deploy")
        await tally.apply(tx, events)

    consumer = tally.consumer(database, handler)

    async def paused() -> bool:
        return await consumer.pause.reason() is not None

    await publish(nats, *(a_review() for _ in range(50)))
    async with running(Consumers([consumer], database, settings)):
        await until(paused)
        await publish(nats, a_review())
        await asyncio.sleep(0.5)
        assert await tally.dead_letters(database) == [], "a bad deploy buries nothing"
        broken = False
        assert await consumer.pause.resume()
        await until(lambda: settled(nats), 40)
    assert len(await tally.tally(database)) == 51


async def test_an_event_older_than_the_inbox_remembers_is_set_aside_unless_it_is_replayed(
    service: Service, nats: Nats
) -> None:
    database, settings = service
    fresh, old, replayed = a_review(), a_review(age=timedelta(days=36)), a_review(age=timedelta(days=36))
    await publish(nats, fresh, old)
    await publish(nats, replayed, headers={REPLAYED_HEADER: "true"})
    async with running(Consumers([tally.consumer(database)], database, settings)):
        await until(lambda: settled(nats))
    assert set(await tally.tally(database)) == {fresh.fact.merchant_id}
    (letter,) = await tally.dead_letters(database)
    assert letter["event_id"] == old.id


async def test_a_dead_letter_redriven_twice_has_one_effect(service: Service, nats: Nats) -> None:
    database, settings = service
    broken = True

    async def handler(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        if broken:
            raise ValueError("not yet")
        await tally.apply(tx, events)

    review = a_review()
    consumer = tally.consumer(database, handler)
    await publish(nats, review)
    async with running(Consumers([consumer], database, settings)):
        await until(lambda: settled(nats))
    (letter,) = await tally.dead_letters(database)
    with pytest.raises(ValueError, match="not yet"):
        await consumer.redrive(letter["id"], "otto")
    assert (await tally.dead_letters(database))[0]["attempts"] == 2
    broken = False
    outcomes = await asyncio.gather(*(consumer.redrive(letter["id"], "otto") for _ in range(4)))
    assert sorted(outcomes) == [False, False, False, True]
    assert await tally.tally(database) == {review.fact.merchant_id: 1}
    assert (await tally.dead_letters(database))[0]["state"] == "redriven"


@pytest.mark.parametrize("seed", range(3))
async def test_two_workers_shuffles_and_redeliveries_give_the_same_state(
    service: Service, nats: Nats, seed: int
) -> None:
    database, settings = service
    chance = random.Random(seed)
    merchants = [new_id() for _ in range(12)]
    reviews = [a_review(chance.choice(merchants)) for _ in range(1_500)]
    deliveries = reviews + chance.sample(reviews, 700)
    chance.shuffle(deliveries)
    await publish(nats, *deliveries)
    workers = [Consumers([tally.consumer(database, batch_size=60)], database, settings) for _ in range(2)]
    async with running(*workers):
        await until(lambda: settled(nats), 60)
    assert await tally.tally(database) == Counter(review.fact.merchant_id for review in reviews)
    assert await tally.dead_letters(database) == []
