"""Rule 3 of the design: the outbox never forgets, and publishes nothing that was rolled back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from nats.errors import OutboundBufferLimitError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError
from prometheus_client import REGISTRY
from sqlalchemy import text

from chassis import outbox, replay
from chassis.database import Database
from chassis.relay import Relay, measure
from chassis.settings import ServiceSettings
from contracts.envelope import Event, Fact
from contracts.streams import REPLAYED_HEADER
from tests.support.one_service import a_review, chassis_database, fresh_streams, running, until
from tests.support.servers import Nats, Postgres, started


@pytest.fixture(scope="module")
def nats(own_root: Path) -> Iterator[Nats]:
    with started(Nats(own_root)) as server:
        yield server


@pytest.fixture
async def service(postgres: Postgres, nats: Nats) -> AsyncIterator[tuple[Database, ServiceSettings]]:
    await fresh_streams(nats)
    async with chassis_database(postgres, nats) as made:
        yield made


async def stream_ids(nats: Nats) -> list[UUID]:
    """The `Nats-Msg-Id` of everything in the stream, in stream order."""
    client = await nats.connect()
    jetstream = client.jetstream()
    ids: list[UUID] = []
    each_once = ConsumerConfig(ack_policy=AckPolicy.NONE, headers_only=True)
    subscription = await jetstream.pull_subscribe("campaigns.>", stream="CAMPAIGNS", config=each_once)
    count = (await jetstream.stream_info("CAMPAIGNS")).state.messages
    while len(ids) < count:
        fetched = await subscription.fetch(1000, timeout=5)
        ids += [UUID((message.headers or {})["Nats-Msg-Id"]) for message in fetched]
    await client.close()
    return ids


async def drained(database: Database) -> bool:
    return (await measure(database))[0] == 0


async def write(database: Database, events: int, recorded: set[UUID], seed: int, longest: float) -> None:
    """Transactions of 1–50 events that last up to `longest` seconds (most: short), a fifth rolled back."""
    chance = random.Random(seed)
    left = events
    while left > 0:
        batch = [a_review() for _ in range(min(left, chance.randint(1, 50)))]
        rolls_back = chance.random() < 0.2
        try:
            async with database.transaction() as tx:
                await outbox.record(tx, *batch)
                await asyncio.sleep(longest * chance.random() ** 12)
                if rolls_back:
                    raise RuntimeError("changed its mind")
        except RuntimeError:
            continue
        recorded.update(event.id for event in batch)
        left -= len(batch)


async def run_writers(
    service: tuple[Database, ServiceSettings], nats: Nats, *, writers: int, events: int, longest: float
) -> None:
    database, settings = service
    recorded: set[UUID] = set()
    async with running(Relay(database, settings), Relay(database, settings)):
        each = events // writers
        await asyncio.gather(*(write(database, each, recorded, seed, longest) for seed in range(writers)))
        await until(lambda: drained(database), 60)
    published = await stream_ids(nats)
    assert len(recorded) >= events // writers * writers
    assert set(published) == recorded
    assert len(published) == len(recorded), "the dedupe window drops what a relay sends twice"


async def test_concurrent_writers_lose_nothing_and_publish_nothing_rolled_back(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    await run_writers(service, nats, writers=16, events=2_000, longest=1)


@pytest.mark.slow
async def test_64_writers_and_100_000_events_lose_nothing(postgres: Postgres, nats: Nats) -> None:
    await fresh_streams(nats)
    async with chassis_database(postgres, nats) as (_, settings):
        wide = Database(settings.model_copy(update={"pool_size": 70}))
        try:
            # One after the other: a busy machine does not open 64 within the time that one connection has.
            opened = [await wide.engine.connect() for _ in range(64)]
            for each in opened:
                await each.close()
            await run_writers((wide, settings), nats, writers=64, events=100_000, longest=5)
        finally:
            await wide.close()


async def test_a_relay_that_finds_no_bus_keeps_the_events_and_catches_up(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    database, settings = service
    async with running(Relay(database, settings)):
        nats.kill()
        try:
            async with database.transaction() as tx:
                await outbox.record(tx, a_review())
            await asyncio.sleep(0.5)
            assert (await measure(database))[0] == 1
        finally:
            nats.start()
        await until(lambda: drained(database), 30)
    assert len(await stream_ids(nats)) == 1


async def test_a_relay_that_lost_the_bus_tries_no_harder_because_events_come(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    database, settings = service
    try:
        async with running(Relay(database, settings)):
            await _record_one(database)
            await until(lambda: drained(database))
            nats.kill()
            before = _failures()
            for _ in range(300):
                await _record_one(database)
            assert _failures() - before < 50
    finally:
        nats.start()


async def test_a_window_that_broke_off_waits_for_no_answer_any_more(
    service: tuple[Database, ServiceSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, settings = service
    publish, sent = JetStreamContext.publish_async, 0

    async def break_off(jetstream: JetStreamContext, *arguments: Any, **options: Any) -> Any:
        nonlocal sent
        if sent == 3:
            assert jetstream.publish_async_pending() == 3
            raise OutboundBufferLimitError
        sent += 1
        # To nobody: what was sent before the connection broke is never answered.
        return await publish(jetstream, "_INBOX_campaigns.nobody", *arguments[1:], **options)

    monkeypatch.setattr(JetStreamContext, "publish_async", break_off)
    async with database.transaction() as tx:
        await outbox.record(tx, *(a_review() for _ in range(5)))
    relay = Relay(database, settings)
    with pytest.raises(OutboundBufferLimitError):
        await relay.publish_window()
    await asyncio.sleep(0)
    jetstream = await relay._connection()
    assert jetstream.publish_async_pending() == 0
    monkeypatch.undo()
    assert await relay.publish_window() == 5
    relay._stop.set()
    assert relay._client is not None
    await relay._client.close()


async def _record_one(database: Database) -> None:
    async with database.transaction() as tx:
        await outbox.record(tx, a_review())


def _failures() -> float:
    return REGISTRY.get_sample_value("cococity_relay_failures_total") or 0.0


async def test_an_event_the_bus_could_never_take_is_refused_when_it_is_recorded(
    service: tuple[Database, ServiceSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = service
    monkeypatch.setattr(outbox, "MAX_EVENT_BYTES", 10)
    with pytest.raises(outbox.EventTooLarge):
        async with database.transaction() as tx:
            await outbox.record(tx, a_review())
    assert await drained(database)


async def test_a_lost_stream_is_filled_again_from_the_outbox_and_its_messages_say_so(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    database, settings = service
    async with running(Relay(database, settings)):
        async with database.transaction() as tx:
            await outbox.record(tx, *(a_review() for _ in range(2_500)))
        await until(lambda: drained(database))
        before = set(await stream_ids(nats))
        await fresh_streams(nats)
        assert await stream_ids(nats) == []
        counts = [count async for count in replay.replay(database)]
        await until(lambda: drained(database))
    assert counts[-1] == 2_500
    assert set(await stream_ids(nats)) == before
    client = await nats.connect()
    message = await client.jetstream().get_msg("CAMPAIGNS", seq=1)
    await client.close()
    assert (message.headers or {})[REPLAYED_HEADER] == "true"


async def test_a_replay_ends_though_people_go_on_posting(service: tuple[Database, ServiceSettings]) -> None:
    database, _ = service
    async with database.transaction() as tx:
        await outbox.record(tx, a_review(age=timedelta(seconds=1)))
    rounds = 0
    async for _ in replay.replay(database):
        await _record_one(database)
        rounds += 1
        assert rounds < 5
    assert rounds == 1


async def test_republish_sends_every_fact_under_its_own_id_though_the_outbox_is_empty(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    database, settings = service
    facts: list[Event[Fact]] = [a_review() for _ in range(50)]

    async def owners_table(_: object) -> AsyncIterator[Event[Fact]]:
        for fact in facts:
            yield fact

    async with running(Relay(database, settings)):
        async with database.transaction() as tx:
            await outbox.record(tx, *facts)
        await until(lambda: drained(database))
        await fresh_streams(nats)
        async with database.transaction() as tx:
            await tx.execute(text("DELETE FROM outbox"))
        assert [count async for count in replay.republish(database, owners_table)][-1] == 50
        await until(lambda: drained(database))
    assert set(await stream_ids(nats)) == {fact.id for fact in facts}


async def test_a_service_cannot_publish_anothers_events_nor_touch_a_stream(nats: Nats) -> None:
    await fresh_streams(nats)
    errors: list[str] = []

    async def note(error: Exception) -> None:
        errors.append(str(error))

    client = await nats.connect("campaigns", error_cb=note)
    await client.publish("directory.merchant-listed.v1.x.00", b"{}")
    await client.publish("$JS.API.STREAM.DELETE.CAMPAIGNS", b"")
    await client.publish("$JS.API.STREAM.PURGE.CAMPAIGNS", b"")
    await client.publish("$JS.API.CONSUMER.MSG.NEXT.CAMPAIGNS.notifications__reactions", b"1")
    await client.flush()
    await until(lambda: asyncio.sleep(0, len(errors) == 4))
    assert all("permissions violation" in error for error in errors)
    await client.close()
    admin = await nats.connect()
    try:
        assert (await admin.jetstream().stream_info("CAMPAIGNS")).state.messages == 0
    except NotFoundError:
        pytest.fail("a service deleted its stream")
    finally:
        await admin.close()


async def test_how_full_the_stream_is_can_be_read_and_is_unknown_without_the_bus(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    database, settings = service
    relay = Relay(database, settings)
    with pytest.raises(ConnectionError):
        await relay.stream_filled()
    async with database.transaction() as tx:
        await outbox.record(tx, *(a_review() for _ in range(100)))
    async with running(relay):
        await until(lambda: drained(database))
        filled = await relay.stream_filled()
    client = await nats.connect()
    info = await client.jetstream().stream_info("CAMPAIGNS")
    await client.close()
    assert filled == info.state.bytes / (info.config.max_bytes or 0) > 0
