"""Messages that come again: the bus forgot, a handler was slow, or a process stood still."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import psutil
import pytest

from chassis.clock import utc_now
from chassis.database import Database, Transaction
from chassis.pull_loop import Consumers
from chassis.received import Received
from chassis.service import Mode
from chassis.settings import ServiceSettings
from contracts.envelope import Event, encode
from contracts.streams import DURABLES, Durable, subject_of
from operations.streams import create_durable
from services.notifications.milestones.domain import THRESHOLDS
from tests.support import tally
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.notifications import Notifications, create_template, notifications_service
from tests.support.one_service import a_review, chassis_database, fresh_streams, running, until
from tests.support.servers import Nats, Postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

AUDIENCE = "notifications__audience_blue"
Service = tuple[Database, ServiceSettings]


@pytest.fixture
async def notifications(postgres: Postgres, nats: Nats) -> AsyncIterator[Notifications]:
    await fresh_streams(nats)
    await create_template(postgres)
    async with notifications_service(postgres, nats) as service:
        yield service


@pytest.fixture
async def service(postgres: Postgres, nats: Nats) -> AsyncIterator[Service]:
    await fresh_streams(nats)
    async with chassis_database(postgres, nats, "notifications") as (database, settings):
        await tally.create_table(database)
        yield database, settings


async def with_ack_wait(nats: Nats, durable: Durable, seconds: float) -> None:
    """Have the bus deliver again what was not acknowledged within `seconds`."""
    client = await nats.connect()
    done = await create_durable(client.jetstream(), replace(durable, ack_wait=timedelta(seconds=seconds)))
    await client.close()
    assert done is not None
    assert "ack_wait changed" in done


async def test_duplicates_after_the_dedupe_window_have_no_second_effect(
    notifications: Notifications, faults: FaultReport
) -> None:
    began, number = time.monotonic(), faults.times(500, 10_000)
    config = (await notifications.jetstream.stream_info("CAMPAIGNS")).config
    config.duplicate_window = 0.1
    await notifications.jetstream.update_stream(config)
    async with notifications.running() as client:
        merchants = [await notifications.a_merchant() for _ in range(3)]
        for merchant in merchants:
            await notifications.agree(client, merchant, "fr", f"{merchant}@example.be")
        facts = [notifications.review(merchants[each % 3]) for each in range(number)]
        events = [Event.of(fact, utc_now()) for fact in facts]
        await _publish_with_ids(notifications, events)
        await notifications.caught_up()
        await notifications.eventually(lambda: _all_mailed(notifications))
        before = await everything_told(notifications)
        stored = (await notifications.jetstream.stream_info("CAMPAIGNS")).state.messages
        await asyncio.sleep(0.3)
        await _publish_with_ids(notifications, events)
        await asyncio.sleep(0.3)
        await _publish_with_ids(notifications, events)
        after = (await notifications.jetstream.stream_info("CAMPAIGNS")).state.messages
        assert after == stored + 2 * number, "the bus dropped duplicates: the fault did not happen"
        await notifications.caught_up()
        assert await _all_mailed(notifications)
        told = await everything_told(notifications)
    counted = await notifications.value("SELECT sum(count) FROM audience_day_blue")
    kept = {
        row[0] for row in await notifications.rows("SELECT contribution_id FROM audience_contribution_blue")
    }
    lost = {fact.contribution_id for fact in facts} - kept
    doubled = abs(counted - len(kept)) + sum(a != b for a, b in zip(before, told, strict=True))
    note = f"{len(notifications.mailbox.raw)} mails, and none of them twice"
    faults.add(
        FaultRow(
            "duplicates after the dedupe window", 2 * number, number, number, len(kept), len(lost), doubled,
            time.monotonic() - began, note,
        )
    )  # fmt: skip
    assert not lost
    assert counted == len(kept) == number
    assert told == before
    assert notifications.mailbox.raw


async def everything_told(notifications: Notifications) -> list[Any]:
    """Milestones, notifications and figures, as they are kept, and the mails that arrived."""
    kept = [
        await notifications.rows(f"SELECT * FROM {table} ORDER BY 1")
        for table in ("milestone", "notification", "audience_day_blue")
    ]
    return [*kept, list(notifications.mailbox.raw)]


async def _all_mailed(notifications: Notifications) -> bool:
    waiting = await notifications.value(
        "SELECT count(*) FROM delivery WHERE state NOT IN ('sent', 'failed_for_good')"
    )
    return not waiting


async def _publish_with_ids(notifications: Notifications, events: Sequence[Any]) -> None:
    """As a relay does, dedupe id included."""
    for start in range(0, len(events), 500):
        waiting = [
            await notifications.jetstream.publish_async(
                subject_of(event), encode(event), headers={"Nats-Msg-Id": str(event.id)}
            )
            for event in events[start : start + 500]
        ]
        await asyncio.gather(*waiting)


async def test_a_handler_slower_than_ack_wait_has_one_effect(
    service: Service, nats: Nats, faults: FaultReport
) -> None:
    began, number = time.monotonic(), faults.times(40, 400)
    database, settings = service
    await with_ack_wait(nats, tally.DURABLE, 1.0)
    reviews = [a_review() for _ in range(number)]
    redelivered = 0

    async def slow(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        await asyncio.sleep(2.5 if len(taken) < 2 else 0)
        taken.append(len(events))
        await tally.apply(tx, events)

    taken: list[int] = []
    client = await nats.connect()
    for review in reviews:
        await client.jetstream().publish(subject_of(review), encode(review))
    workers = [Consumers([tally.consumer(database, slow)], database, settings) for _ in range(2)]
    async with running(*workers):

        async def settled() -> bool:
            nonlocal redelivered
            info = await client.jetstream().consumer_info("CAMPAIGNS", tally.DURABLE.name)
            redelivered = max(redelivered, info.num_redelivered or 0)
            return not info.num_pending and not info.num_ack_pending

        await until(settled, 60)
    await client.close()
    assert redelivered, "nothing came again: the handler was not slow enough"
    counted = await tally.tally(database)
    doubled = sum(times != 1 for times in counted.values())
    faults.add(
        FaultRow(
            "handler slower than ack_wait", redelivered, number, number, len(counted),
            number - len(counted), doubled, time.monotonic() - began,
        )
    )  # fmt: skip
    assert set(counted) == {review.fact.merchant_id for review in reviews}
    assert not doubled


@pytest.mark.parametrize("company", ["beside another worker", "alone"])
async def test_a_worker_that_stood_still_has_no_second_effect(
    notifications: Notifications, nats: Nats, faults: FaultReport, company: str
) -> None:
    began, seconds, number = time.monotonic(), faults.times(4, 60), faults.times(300, 5_000)
    for durable in (AUDIENCE, "notifications__reactions"):
        await with_ack_wait(nats, DURABLES[durable], 1.0)
    with worker_process(notifications) as worker:
        merchant = await notifications.a_merchant()
        await notifications.publish(*(notifications.review(merchant) for _ in range(number)))
        await notifications.eventually(lambda: _counted(notifications, 1))
        os.kill(worker, signal.SIGSTOP)
        await notifications.eventually(lambda: _stopped(worker), 5)
        await notifications.publish(*(notifications.review(merchant) for _ in range(number)))
        assert await _held(notifications) > 0, "it held nothing when it was stopped: the fault hit nothing"
        if company == "alone":
            await asyncio.sleep(seconds)
        else:
            async with notifications.running(Mode.worker):
                # It may have been stopped inside a transaction: its locks go when its session is ended.
                await notifications.eventually(lambda: _counted(notifications, 2 * number), 120)
                await asyncio.sleep(seconds)
        os.kill(worker, signal.SIGCONT)
        # What its sessions had locked when it stopped is free once PostgreSQL has ended them.
        for durable in (AUDIENCE, "notifications__reactions"):
            await notifications.eventually(partial(_read, notifications, durable), 120)
    counted = await notifications.value("SELECT sum(count) FROM audience_day_blue")
    listed = await notifications.value("SELECT count(*) FROM audience_contribution_blue")
    told = await notifications.rows("SELECT kind, threshold FROM milestone ORDER BY threshold")
    reached = [("review", threshold) for threshold in THRESHOLDS if threshold <= 2 * number]
    faults.add(
        FaultRow(
            f"worker stopped for {seconds} s and continued, {company}", 1, 2 * number, 2 * number, listed,
            2 * number - listed, abs(counted - listed), time.monotonic() - began,
        )
    )  # fmt: skip
    assert counted == listed == 2 * number
    assert told == reached


async def _read(notifications: Notifications, durable: str) -> bool:
    info = await notifications.jetstream.consumer_info("CAMPAIGNS", durable)
    return not info.num_pending and not info.num_ack_pending


async def _held(notifications: Notifications) -> int:
    """How many messages were delivered and not acknowledged."""
    infos = [
        await notifications.jetstream.consumer_info("CAMPAIGNS", each)
        for each in (AUDIENCE, "notifications__reactions")
    ]
    return sum(info.num_ack_pending or 0 for info in infos)


async def _stopped(process: int) -> bool:
    return bool(psutil.Process(process).status() == psutil.STATUS_STOPPED)


async def _counted(notifications: Notifications, least: int) -> bool:
    listed = await notifications.value("SELECT count(*) FROM audience_contribution_blue")
    return bool(listed >= least)


@contextmanager
def worker_process(notifications: Notifications) -> Iterator[int]:
    """The service's worker as a process of its own; its process id."""
    settings = notifications.settings
    environment = {
        **os.environ,
        "COCOCITY_ENVIRONMENT": "test",
        "COCOCITY_PORT": "0",
        "COCOCITY_DATABASE_URL": settings.database_url,
        "COCOCITY_NATS_URL": settings.nats_url,
        "COCOCITY_NATS_USER": settings.nats_user,
        "COCOCITY_NATS_PASSWORD": settings.nats_password.get_secret_value(),
        "COCOCITY_SMTP_PORT": str(settings.smtp_port),
        "COCOCITY_DIRECTORY_URL": settings.directory_url,
    }
    process = psutil.Popen(
        [sys.executable, "-m", "services.notifications", "worker"], env=environment, stdout=-3, stderr=-3
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()
