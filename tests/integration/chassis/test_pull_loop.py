"""The pull loop hands over what is there at once, and loses nothing on the way (decision 0002)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator

import pytest
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber

from chassis import pull_loop
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.pull_loop import Consumers, PromptBatches
from chassis.received import Message
from chassis.settings import ServiceSettings
from contracts.envelope import encode
from contracts.streams import subject_of
from tests.support import tally
from tests.support.one_service import a_review, chassis_database, fresh_streams, running, until
from tests.support.servers import Nats, Postgres


class Recording(Consumer):
    """Acknowledges and notes how late and how often each message came."""

    def __init__(self) -> None:
        super().__init__(tally.DURABLE, [], tally.apply, horizon=None)
        self.late: list[float] = []
        self.redelivered = 0

    async def wait_until_wanted(self) -> None:
        return

    async def handle(self, messages: object) -> None:
        assert isinstance(messages, list)
        message: Message
        for message in messages:
            self.late.append(time.time() - message.metadata.timestamp.timestamp())
            self.redelivered += message.metadata.num_delivered > 1
            await message.ack()


@pytest.fixture
async def service(postgres: Postgres, nats: Nats) -> AsyncIterator[tuple[Database, ServiceSettings]]:
    await fresh_streams(nats)
    async with chassis_database(postgres, nats, "notifications") as made:
        yield made


async def publish_slowly(nats: Nats, messages: int) -> None:
    chance = random.Random(7)
    client = await nats.connect()
    for _ in range(messages):
        review = a_review()
        await client.jetstream().publish(subject_of(review), encode(review))
        await asyncio.sleep(chance.uniform(0, 0.012))
    await client.close()


async def test_every_message_is_handed_over_once_and_at_once(
    service: tuple[Database, ServiceSettings], nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Short fetches, so that many of them end in the time-outs that the library's own loop trips over.
    monkeypatch.setattr(pull_loop, "FETCH_SECONDS", 0.05)
    database, settings = service
    consumer = Recording()
    async with running(Consumers([consumer], database, settings)):
        await publish_slowly(nats, 600)
        await until(lambda: asyncio.sleep(0, len(consumer.late) >= 600), 60)
    assert len(consumer.late) == 600
    assert consumer.redelivered == 0, "a message was fetched, dropped, and came again after ack_wait"


def test_the_loop_we_replace_is_still_the_librarys() -> None:
    # FastStream calls these two; if a new version names them otherwise, ours would silently not run.
    for name in ("_create_subscription", "_consume_pull"):
        assert callable(getattr(BatchPullStreamSubscriber, name))
        assert getattr(PromptBatches, name) is not getattr(BatchPullStreamSubscriber, name)


async def test_a_single_message_does_not_wait_for_company(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    database, settings = service
    consumer = Recording()
    async with running(Consumers([consumer], database, settings)):
        await publish_slowly(nats, 1)
        await until(lambda: asyncio.sleep(0, len(consumer.late) == 1), 20)
    # A loop that waits for its batch to fill would hold it for as long as a fetch may last.
    assert consumer.late[0] < pull_loop.FETCH_SECONDS * 0.8


async def test_no_error_ends_the_loop(
    service: tuple[Database, ServiceSettings], nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_loop, "BACK_OFF_SECONDS", 0.05)
    database, settings = service
    stumbles = [KeyError("unforeseen"), ConnectionResetError(), RuntimeError()]

    class Stumbling(Recording):
        async def wait_until_wanted(self) -> None:
            if stumbles:
                raise stumbles.pop()

    consumer = Stumbling()
    async with running(Consumers([consumer], database, settings)):
        await publish_slowly(nats, 5)
        await until(lambda: asyncio.sleep(0, len(consumer.late) == 5), 60)
    assert stumbles == []


class Paused(Recording):
    """Small batches; paused while it applies the first, until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.batch_size = 10
        self.resumed = asyncio.Event()
        self.resumed.set()
        self.batches = 0

    async def wait_until_wanted(self) -> None:
        await self.resumed.wait()

    async def handle(self, messages: object) -> None:
        await asyncio.sleep(0.2)  # the next batch comes meanwhile
        self.batches += 1
        if self.batches == 1:
            self.resumed.clear()
        await super().handle(messages)


async def test_what_was_fetched_ahead_is_given_back_by_a_consumer_that_is_paused(
    service: tuple[Database, ServiceSettings], nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_loop, "HOLD_SECONDS", 0.2)
    database, settings = service
    consumer = Paused()
    await publish_slowly(nats, 40)
    async with running(Consumers([consumer], database, settings)):
        await until(lambda: asyncio.sleep(0, len(consumer.late) == 10), 20)
        other = Recording()  # another worker, which sees no pause
        async with running(Consumers([other], database, settings)):
            # Much sooner than after ack_wait, which is half a minute.
            await until(lambda: asyncio.sleep(0, len(other.late) == 30), 10)
    assert other.redelivered == 10, "what was fetched ahead came again, and nothing else"
    assert len(consumer.late) == 10


async def test_what_was_fetched_ahead_is_given_back_when_the_process_stops(
    service: tuple[Database, ServiceSettings], nats: Nats
) -> None:
    database, settings = service
    consumer = Paused()
    await publish_slowly(nats, 40)
    async with running(Consumers([consumer], database, settings)):
        await until(lambda: asyncio.sleep(0, len(consumer.late) == 10), 20)
    consumer.resumed.set()
    async with running(Consumers([consumer], database, settings)):
        # Much sooner than after ack_wait, which is half a minute.
        await until(lambda: asyncio.sleep(0, len(consumer.late) == 40), 10)
