"""Runs a service's consumers on FastStream, with a pull loop that neither swallows nor stalls messages.

FastStream 0.7.8 keeps fetching until its time-out to fill a batch and loses what it has when nats-py
raises the builtin TimeoutError, until `ack_wait` brings it back (decision 0002). `PromptBatches` takes
what is there at once, so batches grow under load and stay small without; and it binds to durables that
the deploy step created instead of creating its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import nats.errors
import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber
from faststream.security import SASLPlaintext

from chassis import bus, telemetry_names

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from chassis.consumer import Consumer
    from chassis.database import Database
    from chassis.settings import ServiceSettings

FETCH_SECONDS = 5.0
BACK_OFF_SECONDS = 1.0
HOLD_SECONDS = 2.0
"""How long a batch that was fetched ahead is held for a consumer that was paused meanwhile."""
LAG_SECONDS = 5.0

log = structlog.get_logger(__name__)


class PromptBatches(BatchPullStreamSubscriber):
    """FastStream's batch subscriber with another loop; made by `subscribe`."""

    __slots__ = ()

    consumer: Consumer

    async def _create_subscription(self) -> None:
        if self.subscription:
            return
        # Bind only: a service may not create durables, and a missing one is the deploy step's to mend.
        durable = self.consumer.durable
        self.subscription = await self.jetstream.pull_subscribe_bind(
            durable=durable.name, stream=durable.stream
        )
        self.add_task(self._consume_pull)

    async def _consume_pull(self) -> None:
        ahead: asyncio.Task[list[Msg]] | None = None
        try:
            while self.running:
                messages, ahead = await self._next(ahead), None
                if len(messages) == self.consumer.batch_size:
                    # There is more, and the bus sends it while this is being applied.
                    ahead = asyncio.create_task(self._fetch())
                if messages and self.running:
                    await self.consume(messages)
                else:
                    await _give_back(messages)
        finally:
            if ahead is not None and not ahead.cancel() and not ahead.exception():
                await _give_back(ahead.result())

    async def _next(self, ahead: asyncio.Task[list[Msg]] | None) -> list[Msg]:
        """The next batch; an empty one where there is nothing, or something was in the way."""
        try:
            if ahead is None:
                await self.consumer.wait_until_wanted()
                return await self._fetch()
            messages = await ahead
            try:
                await asyncio.wait_for(self.consumer.wait_until_wanted(), HOLD_SECONDS)
            except TimeoutError:  # paused meanwhile: others may be allowed to, and this one not for long
                await _give_back(messages)
                return []
        except Exception as error:  # whatever it is, this loop goes on: nobody would start it again
            log.warning(
                "consumer waits", consumer=self.consumer.durable.name, error=type(error).__name__,
                detail=str(error)[:200],
            )  # fmt: skip
            await asyncio.sleep(BACK_OFF_SECONDS)
            return []
        return messages

    async def _fetch(self) -> list[Msg]:
        """What is there now, or the first that comes within FETCH_SECONDS; may be empty."""
        assert self.subscription is not None
        try:
            return await self.subscription.fetch(self.consumer.batch_size, timeout=FETCH_SECONDS)
        # nats-py raises its own TimeoutError in some places and the builtin in others.
        except (TimeoutError, nats.errors.TimeoutError):
            return []


async def _give_back(messages: Sequence[Msg]) -> None:
    """Fetched but not started: somebody else may have it at once."""
    for message in messages:
        with suppress(nats.errors.Error):
            await message.nak()


def subscribe(broker: NatsBroker, consumer: Consumer) -> None:
    """Register `consumer` with FastStream under manual acknowledgement."""
    durable = consumer.durable
    subscriber = broker.subscriber(
        f"{durable.stream.lower()}.>",
        durable=durable.name,
        # declare=False: a stream given otherwise has its configuration overwritten by FastStream.
        stream=JStream(durable.stream, declare=False),
        pull_sub=PullSub(batch_size=consumer.batch_size, timeout=FETCH_SECONDS, batch=True),
        ack_policy=AckPolicy.MANUAL,
        # Bodies are decoded one by one in the consumer; a decoder that fails here would fail the batch.
        decoder=_undecoded,
    )
    subscriber.__class__ = PromptBatches
    assert isinstance(subscriber, PromptBatches)
    subscriber.consumer = consumer

    async def handle(batch: list[Any]) -> None:
        await consumer.handle(batch)

    subscriber(handle)


async def _undecoded(message: Any) -> list[Any]:
    return list(message.raw_message)


class Consumers:
    """All consumers of one process on one connection."""

    def __init__(self, consumers: Sequence[Consumer], database: Database, settings: ServiceSettings) -> None:
        self._consumers = consumers
        self._settings = settings
        self._broker: NatsBroker | None = None
        for consumer in consumers:
            consumer.bind(database)

    @property
    def connected(self) -> bool:
        """Whether the bus can be reached right now (for /readyz)."""
        client = self.client
        return client is not None and client.is_connected

    @property
    def client(self) -> Any:
        """The open NATS connection, or None before the first."""
        return self._broker.connection if self._broker is not None else None

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`; NATS may come later than this process, and may go and come back."""
        broker = await self._started(stop)
        if broker is None:
            return
        measuring = asyncio.create_task(self._measure_lag(stop))
        await stop.wait()
        measuring.cancel()
        await broker.stop()

    async def _started(self, stop: asyncio.Event) -> NatsBroker | None:
        while not stop.is_set():
            broker = self._new_broker(stop)
            try:
                await bus.unless(stop, broker.start())
            except Exception as error:
                log.warning("NATS cannot be reached yet", error=type(error).__name__, detail=str(error)[:200])
                with suppress(Exception):
                    await broker.stop()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), BACK_OFF_SECONDS)
                continue
            self._broker = broker
            return broker
        return None

    def _new_broker(self, stop: asyncio.Event) -> NatsBroker:
        options = bus.connection_options(self._settings, "consumers", stop)
        security = SASLPlaintext(username=options.pop("user"), password=options.pop("password"))
        broker = NatsBroker(**options, security=security, graceful_timeout=10, logger=None, apply_types=False)
        for consumer in self._consumers:
            subscribe(broker, consumer)
        return broker

    async def _measure_lag(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for consumer in self._consumers:
                with suppress(Exception):
                    state = await self.state(consumer)
                    lag = 0 if consumer.idle else state["pending"] + state["under_way"]
                    telemetry_names.CONSUMER_LAG.labels(consumer.durable.name).set(lag)
            await asyncio.sleep(LAG_SECONDS)

    async def state(self, consumer: Consumer) -> dict[str, int]:
        """What the server says of a durable: messages pending, under way, redelivered."""
        durable = consumer.durable
        info = await self.client.jetstream().consumer_info(durable.stream, durable.name)
        return {
            "pending": info.num_pending or 0,
            "under_way": info.num_ack_pending or 0,
            "redelivered": info.num_redelivered or 0,
        }
