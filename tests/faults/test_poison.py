"""Poison among good messages: it is set aside whole, and the good ones hardly notice."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from chassis import dead_letters
from chassis.consumer import Refused
from chassis.database import Database, Transaction, after_commit
from chassis.pull_loop import Consumers
from chassis.received import Received
from chassis.settings import ServiceSettings
from contracts.envelope import Event, Fact, NotAnEvent, encode
from contracts.streams import subject_of
from tests.support import tally
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.one_service import CITY, a_review, chassis_database, fresh_streams, running, until
from tests.support.servers import Nats, Postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

RATE = 500
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
Service = tuple[Database, ServiceSettings]


@dataclass
class Handler:
    """Counts reviews, refuses those it is told to, and notes when each good one was committed."""

    refused: set[UUID] = field(default_factory=set)
    applied_at: dict[UUID, float] = field(default_factory=dict)

    async def apply(self, tx: Transaction, events: Sequence[Received[Any]]) -> None:
        reasons = {event.id: "not today" for event in events if event.id in self.refused}
        if reasons:
            raise Refused(reasons)
        await tally.apply(tx, events)
        after_commit(tx, partial(self._note, [event.id for event in events]))

    def _note(self, committed: Sequence[UUID]) -> None:
        self.applied_at.update(dict.fromkeys(committed, time.monotonic()))


@pytest.fixture
async def service(postgres: Postgres, nats: Nats) -> AsyncIterator[Service]:
    await fresh_streams(nats)
    async with chassis_database(postgres, nats, "notifications") as (database, settings):
        await tally.create_table(database)
        yield database, settings


async def send(nats: Nats, messages: Sequence[tuple[str, bytes]]) -> list[float]:
    """At RATE, whether or not anybody keeps up; when each was sent."""
    client = await nats.connect()
    jetstream = client.jetstream()
    loop = asyncio.get_running_loop()
    began, sent_at, waiting = loop.time(), [], []
    for number, (subject, body) in enumerate(messages):
        await asyncio.sleep(max(0.0, began + number / RATE - loop.time()))
        sent_at.append(time.monotonic())
        waiting.append(await jetstream.publish_async(subject, body, headers={"traceparent": TRACEPARENT}))
    await asyncio.gather(*waiting)
    await client.close()
    return sent_at


Timed = list[tuple[Event[Fact], float]]
"""Good messages with when each was sent."""


def p95(timed: Timed, handler: Handler) -> float:
    """Seconds from sending a good message to the commit of its effect."""
    return statistics.quantiles((handler.applied_at[event.id] - sent for event, sent in timed), n=20)[-1]


async def good_ones(nats: Nats, handler: Handler, reviews: Sequence[Event[Fact]]) -> Timed:
    """Nothing but these; returns once each had its effect."""
    sent_at = await send(nats, [(subject_of(each), encode(each)) for each in reviews])
    await until(lambda: asyncio.sleep(0, handler.applied_at.keys() >= {each.id for each in reviews}), 120)
    return list(zip(reviews, sent_at, strict=True))


async def test_poison_is_set_aside_whole_and_the_good_ones_hardly_notice(
    service: Service, nats: Nats, faults: FaultReport
) -> None:
    database, settings = service
    began = time.monotonic()
    good, half = faults.times(1_000, 50_000), faults.times(10, 500)
    handler = Handler()
    warm_up = [a_review() for _ in range(RATE)]
    alone = [a_review() for _ in range(good)]
    beside = [a_review() for _ in range(good)]
    refused = [a_review() for _ in range(half)]
    mixed = _mixed(beside, refused)
    handler.refused = {review.id for review in refused}
    async with running(Consumers([tally.consumer(database, handler.apply)], database, settings)):
        await good_ones(nats, handler, warm_up)
        # The baseline is taken before and after, for the machine's mood changes.
        without = await good_ones(nats, handler, alone[: good // 2])
        sent_at = await send(nats, [(subject, body) for subject, body, _ in mixed])
        await until(lambda: asyncio.sleep(0, handler.applied_at.keys() >= {each.id for each in beside}), 120)
        await until(lambda: _dead(database, 2 * half), 60)
        without += await good_ones(nats, handler, alone[good // 2 :])
    among = [at for at, (_, _, kind) in zip(sent_at, mixed, strict=True) if kind == "good"]
    poisoned, baseline = p95(list(zip(beside, among, strict=True)), handler), p95(without, handler)

    letters = await tally.dead_letters(database)
    assert len(letters) == 2 * half, "the poison was not what it should be"
    assert sorted(bytes(each["body"]) for each in letters) == sorted(
        body for _, body, kind in mixed if kind != "good"
    )
    assert all(each["error"] and each["attempts"] >= 1 for each in letters)
    assert {each["trace_id"] for each in letters} == {TRACE}
    assert sum(each["event_id"] is None for each in letters) == half

    handler.refused.clear()  # the handler was mended
    consumer = tally.consumer(database, handler.apply)
    unreadable = 0
    for letter in letters:
        if letter["event_id"] is None:
            with pytest.raises(NotAnEvent):
                await consumer.redrive(letter["id"], "test")
            async with database.transaction() as tx:
                assert await dead_letters.decide(tx, letter["id"], "discarded", "test")
            unreadable += 1
        else:
            assert await consumer.redrive(letter["id"], "test")
            assert not await consumer.redrive(letter["id"], "test"), "it was decided before"
    assert unreadable == half
    states = Counter(each["state"] for each in await tally.dead_letters(database))
    assert states == {"redriven": half, "discarded": half}

    counted = await tally.tally(database)
    everything = [*warm_up, *alone, *beside, *refused]
    lost = [each for each in everything if each.fact.merchant_id not in counted]
    doubled = [each for each, times in counted.items() if times != 1]
    note = f"p95 of good ones {poisoned * 1000:.1f} ms, without poison {baseline * 1000:.1f} ms"
    faults.add(
        FaultRow(
            "poison among good messages, redriven twice", len(letters), len(everything) + half,
            len(everything), len(counted), len(lost), len(doubled), time.monotonic() - began, note,
        )
    )  # fmt: skip
    assert not lost
    assert not doubled
    if faults.long:  # a short run on a busy machine is too few to judge a tail by
        assert poisoned <= 2 * baseline, note


def _mixed(good: Sequence[Event[Fact]], refused: Sequence[Event[Fact]]) -> list[tuple[str, bytes, str]]:
    """Poison spread evenly: in no stretch of messages more than a fifth."""
    every = len(good) // (2 * len(refused))
    mixed, left = [], list(refused)
    for number, review in enumerate(good):
        mixed.append((subject_of(review), encode(review), "good"))
        if number % every == 0 and left:
            if number // every % 2:
                one = left.pop()
                mixed.append((subject_of(one), encode(one), "refused"))
            else:
                body = b'{"poison": %d' % number
                mixed.append((f"campaigns.ambassador-review-posted.v1.{CITY}.00", body, "undecodable"))
    assert not left
    return mixed


async def _dead(database: Database, number: int) -> bool:
    return len(await tally.dead_letters(database)) >= number
