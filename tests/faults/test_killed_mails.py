"""The worker that sends mails, killed at each step: nothing is lost, what was noted never sent again."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from uuid import UUID

import pytest

from chassis.clock import utc_now
from chassis.crash_points import AFTER_CLAIM, AFTER_COMMIT, AFTER_SEND, BEFORE_COMMIT
from services.notifications.feed.notify import Notice, notify
from services.notifications.recipients import to_merchant
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.mail_worker import OUTSIDE
from tests.support.notifications import Notifications, create_template, notifications_service
from tests.support.one_service import fresh_streams
from tests.support.servers import Nats, Postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

KILLS, LONG_KILLS = 15, 1_000
STEPS = (AFTER_CLAIM, AFTER_SEND, OUTSIDE, BEFORE_COMMIT, AFTER_COMMIT)
AHEAD_SECONDS = 61
"""Of each life to the one before: the leases of the dead have ended."""
WAITING = 40
"""At least so many mails wait when a life begins."""


@pytest.fixture
async def notifications(postgres: Postgres, nats: Nats) -> AsyncIterator[Notifications]:
    await fresh_streams(nats)
    await create_template(postgres)
    async with notifications_service(postgres, nats) as service:
        yield service


class Lives:
    """The worker's, one after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._number = 0

    async def live(self, step: str, number: int) -> bool:
        """Until it dies there, or has nothing to do; whether it was killed."""
        self._number += 1
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{step} {number} {self._number * AHEAD_SECONDS}\n".encode())
        said = (await asyncio.wait_for(self._process.stdout.readline(), 60)).decode().strip()
        assert said in {"killed", "done 0"}, said
        return said == "killed"


@asynccontextmanager
async def worker(notifications: Notifications) -> AsyncIterator[Lives]:
    settings = notifications.settings
    environment = os.environ | {
        "COCOCITY_ENVIRONMENT": "test",
        "COCOCITY_DATABASE_URL": settings.database_url,
        "COCOCITY_SMTP_PORT": str(settings.smtp_port),
        "COCOCITY_SMTP_FROM": settings.smtp_from,
        "COCOCITY_DIRECTORY_URL": settings.directory_url,
        "COCOCITY_LOG_LEVEL": "ERROR",
    }
    command = (sys.executable, "-m", "tests.support.mail_worker")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=environment)
    try:
        yield Lives(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def filled_up(notifications: Notifications, merchants: list[UUID], told: set[str]) -> None:
    """So that a life has something to die of."""
    waiting = await notifications.value("SELECT count(*) FROM delivery WHERE due_at IS NOT NULL")
    if waiting >= WAITING:
        return
    since = {"claimed_at": utc_now().isoformat()}
    notices = [
        Notice(
            notifications.city,
            to_merchant(merchants[number % len(merchants)]),
            "account-changed",
            f"{len(told)}-{number}",
            since,
            utc_now(),
            None,
        )
        for number in range(2 * WAITING)
    ]
    async with notifications.database.transaction() as tx:
        told.update(str(each) for each in await notify(tx, notices))


async def noted_as_sent(notifications: Notifications) -> set[str]:
    return {str(each) for (each,) in await notifications.rows("SELECT id FROM delivery WHERE state = 'sent'")}


async def test_nothing_is_lost_and_only_what_was_sent_and_not_yet_noted_comes_twice(
    notifications: Notifications, faults: FaultReport
) -> None:
    began, wanted, killed = time.monotonic(), faults.times(KILLS, LONG_KILLS), Counter[str]()
    async with notifications.running() as client:
        merchants = [await notifications.a_merchant() for _ in range(4)]
        for number, merchant in enumerate(merchants):
            await notifications.agree(client, merchant, "fr", f"shop-{number}@shop.example")
    told: set[str] = set()
    raw, seen = notifications.mailbox.raw, 0
    async with worker(notifications) as lives:
        for step in cycle(STEPS):
            await filled_up(notifications, merchants, told)
            noted = await noted_as_sent(notifications)
            number = random.randint(20, 300) if step == OUTSIDE else random.randint(1, 6)
            killed[step] += await lives.live(step, 1 if step == AFTER_CLAIM else number)
            arrived = Counter(ids(raw[seen:]))
            seen += arrived.total()
            assert not noted & arrived.keys(), f"{step}: what was noted as sent was sent again"
            assert set(arrived.values()) <= {1}, f"{step}: one life sent a mail twice"
            if killed.total() >= wanted:
                break
        assert not await lives.live("never", 1), "the last one has nobody to kill it"
    copies = Counter(ids(raw))
    sent = await noted_as_sent(notifications)
    doubled = copies.total() - len(copies)
    note = f"{doubled} mails came twice, each sent and not yet noted; " + ", ".join(
        f"{count} {step}" for step, count in sorted(killed.items())
    )
    lost = len(told) - len(sent & copies.keys())
    faults.add(
        FaultRow(
            "the mail worker killed, and at each step", killed.total(), len(told), len(told), len(sent),
            lost, 0, time.monotonic() - began, note,
        )
    )  # fmt: skip
    assert set(killed) == set(STEPS)
    assert min(killed.values()) > 0, "a step at which nobody was killed"
    assert len(sent) == len(copies) == len(told), "each is noted as sent, and has arrived"
    events = await notifications.value("SELECT count(*) FROM outbox WHERE subject LIKE '%merchant-notified%'")
    assert events == len(told), "and is told to the world once"
    assert killed[AFTER_SEND] <= doubled <= 4 * killed.total(), "of no more than go out side by side"


def ids(mails: list[tuple[str, bytes]]) -> list[str]:
    """The delivery of each, by its Message-ID."""
    return [content.partition(b"Message-ID: <")[2].partition(b"@")[0].decode() for _, content in mails]
