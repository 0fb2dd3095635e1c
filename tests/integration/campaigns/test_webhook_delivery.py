"""Webhooks arrive at least once whatever fails, under one id, and no endpoint waits for another."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook

from chassis.clock import utc_now
from chassis.crash_points import AFTER_SEND
from services.campaigns.webhooks.domain import FAILING_FOR, RETRIES
from services.campaigns.webhooks.sending import LEASE, Sending
from tests.integration.campaigns.webhook_town import Endpoint, a_goal, an_endpoint, happens
from tests.support.campaigns import Campaigns
from tests.support.one_service import running, until
from tests.support.webhook_receiver import Got, Receiver, Reply, receiving, sending


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def sender(campaigns: Campaigns) -> AsyncIterator[Sending]:
    seal = campaigns.settings.webhook_seal()
    assert seal is not None
    campaigns.now = utc_now()
    async with sending(campaigns.database, seal, campaigns.clock) as found:
        yield found


async def told(campaigns: Campaigns, receiver: Receiver, messages: int = 1) -> tuple[Endpoint, list[str]]:
    """An endpoint with so many messages that wait for it."""
    endpoint = await an_endpoint(campaigns, receiver)
    later(campaigns, timedelta(seconds=30))
    events = [a_goal(campaigns) for _ in range(messages)]
    await happens(campaigns, *events)
    return endpoint, [str(event.id) for event in events]


def later(campaigns: Campaigns, by: timedelta) -> None:
    assert campaigns.now is not None
    campaigns.now += by


async def test_what_failed_is_tried_again_under_the_same_id_and_signed_anew(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint, (message,) = await told(campaigns, receiver)
    wait = (("retry-after", "3600"),)
    receiver.always(Reply(500), Reply(503, wait, b"later"), Reply(302, (("location", "/x"),)), Reply(200))
    waits = [
        timedelta(0),
        timedelta(seconds=10),
        timedelta(minutes=59),
        timedelta(minutes=1),
        timedelta(hours=1),
    ]
    came = []
    for step in waits:
        later(campaigns, step)
        await sender.send_due()
        came.append(len(receiver.got))
    (log,) = await endpoint.log()

    assert came == [1, 2, 2, 3, 4], "an hour was asked for"
    assert {got.id for got in receiver.got} == {message}
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 4
    assert [each["status"] for each in log["log"]] == [200, 302, 503, 500]
    assert (log["state"], log["attempts"], log["log"][2]["answer"]) == ("delivered", 4, "later")
    assert (await endpoint.call("GET"))["failures"] == 0


async def test_nobody_there_is_failure_too_and_after_days_the_endpoint_is_off_and_says_why(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint, _ = await told(campaigns, receiver)
    async with campaigns.database.transaction() as tx:
        await tx.execute(text("UPDATE webhook_endpoint SET url = 'http://127.0.0.1:1/'"))
    for delay in (*RETRIES, *RETRIES[:2]):
        await sender.send_due()
        later(campaigns, 1.25 * delay)
    (given_up,) = await endpoint.log()
    await endpoint.call("POST", "/test")
    later(campaigns, FAILING_FOR)
    await sender.send_due()
    shown = await endpoint.call("GET")

    assert (given_up["state"], given_up["attempts"]) == ("given-up", len(RETRIES) + 1)
    assert "127.0.0.1" not in given_up["log"][0]["error"]
    assert (shown["enabled"], shown["disabled"]) == (False, "failing")


async def test_an_endpoint_that_is_gone_gets_nothing_more_until_it_is_switched_on(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint, _ = await told(campaigns, receiver, messages=3)
    receiver.always(Reply(410), Reply(204))
    await sender.send_due()
    first = len(receiver.got)
    later(campaigns, timedelta(days=1))
    assert await sender.send_due() == 0
    assert (await endpoint.call("GET"))["disabled"] == "gone"
    await endpoint.call("PATCH", json={"enabled": True})
    await sender.send_due()

    assert 1 <= first <= 3, "those that were on their way"
    assert {each["state"] for each in await endpoint.log()} == {"delivered"}


async def test_a_slow_endpoint_delays_nobody_else(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    answer = asyncio.Event()

    async def never(_: Got) -> Reply:
        await answer.wait()
        return Reply()

    async with receiving() as slow:
        slow.reply = never
        await told(campaigns, slow, messages=30)
        _, quick = await told(campaigns, receiver, messages=30)
        later(campaigns, timedelta(seconds=30))

        async def all_came() -> bool:
            return len(receiver.got) == 30 and bool(slow.got)

        async with running(sender):
            await until(all_came)
            answer.set()
    assert {got.id for got in receiver.got} == set(quick)


async def test_senders_side_by_side_send_each_message_once(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoints = [await told(campaigns, receiver, messages=12) for _ in range(3)]
    later(campaigns, timedelta(seconds=30))
    while any(await asyncio.gather(*(sender.send_due() for _ in range(4)))):
        pass
    # The later endpoints hear of their own messages alone, the first of all.
    assert len(receiver.got) == 3 * 12 + 2 * 12 + 12
    for endpoint, _ in endpoints:
        assert {each["attempts"] for each in await endpoint.log()} == {1}


@pytest.mark.slow
async def test_a_sender_that_is_killed_before_it_notes_what_it_sent_loses_nothing(
    campaigns: Campaigns, receiver: Receiver, sender: Sending
) -> None:
    endpoint, messages = await told(campaigns, receiver, messages=3)
    settings = campaigns.settings
    environment = os.environ | {
        "COCOCITY_ENVIRONMENT": "test",
        "COCOCITY_DATABASE_URL": settings.database_url,
        "COCOCITY_WEBHOOK_KEYS": settings.webhook_keys.get_secret_value(),
        "COCOCITY_CRASH_AT": AFTER_SEND,
    }
    async with campaigns.database.transaction() as tx:  # due by the other process's clock as well
        await tx.execute(text("UPDATE webhook_delivery SET next_attempt_at = now() - interval '1 hour'"))
    command = [sys.executable, "-m", "tests.support.webhook_sender"]
    process = await asyncio.to_thread(subprocess.run, command, env=environment, timeout=60, check=False)
    sent = len(receiver.got)
    later(campaigns, timedelta(0))
    assert await sender.send_due() == 0, "the lease of the dead is respected"
    later(campaigns, LEASE + timedelta(minutes=1))
    await sender.send_due()

    assert process.returncode == -9, "it was killed"
    assert sent >= 1, "after it had sent"
    assert {got.id for got in receiver.got} == set(messages)
    assert len(receiver.got) == sent + 3, "what was sent and not noted came again"
    for got in receiver.got:
        Webhook(endpoint.secret).verify(got.body, got.headers)
    assert [each["attempts"] for each in await endpoint.log()] == [1, 1, 1]
