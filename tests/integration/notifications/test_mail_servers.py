"""Mail servers that refuse, hang, hang up and say no for hours: nothing is lost, and nobody else waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from chassis import breaker, smtp
from chassis.clock import utc_now
from chassis.database import Transaction
from services.notifications.delivery import facts, settling
from services.notifications.delivery.queue import BATCH, Ended
from services.notifications.feed.notify import Notice, notify
from services.notifications.recipients import to_merchant
from tests.integration.notifications.test_mail import agreed, dispatch_of
from tests.support.mailbox import DROP, HANG
from tests.support.notifications import Notifications
from tests.support.one_service import running

pytestmark = pytest.mark.slow


async def test_every_mail_arrives_whatever_the_server_did_and_only_a_lost_answer_doubles_one(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "MAIL_SECONDS", 1.0)
    people = [f"shop-{number}" for number in range(6)]
    full, stuck = f"{people[0]}@shop.example", f"{people[1]}@shop.example"
    async with notifications.running() as client:
        merchants = [await agreed(notifications, client, "fr", who) for who in people]
        notifications.directory.away = True  # so that the service itself sends none
        await notifications.publish(*(notifications.review(merchant) for merchant in merchants))
        queued = "SELECT count(*) = 6 FROM delivery"
        await notifications.eventually(lambda: notifications.value(queued))
    notifications.directory.away = False

    now = [utc_now() + timedelta(minutes=2)]
    job = dispatch_of(notifications, lambda: now[0])

    async def pass_by(time: timedelta) -> None:
        now[0] += time
        while await job.send_batch():
            pass

    mailbox = notifications.mailbox
    mailbox.refuse[full] = ["451 4.2.0 try later"] * 10  # more than an hour of it
    mailbox.stuck = {stuck}  # at this one mail it hangs up each time, after it read all of it
    mailbox.after_data = [HANG, DROP]
    await pass_by(timedelta())
    others = {f"{who}@shop.example" for who in people[2:]}
    await pass_by(timedelta(seconds=30))
    assert others <= {to for to, _ in mailbox.raw}  # nobody waits for the full or the stuck one

    mailbox.stop()
    for _ in range(4):
        await pass_by(breaker.LONGEST_PAUSE)
    mailbox.stuck = set()
    mailbox.start()
    for _ in range(60):
        await pass_by(timedelta(minutes=6))
    states = await notifications.rows("SELECT state, count(*) FROM delivery GROUP BY state")
    assert states == [("sent", 6)]
    copies = Counter(to for to, _ in mailbox.raw)
    assert set(copies) == {*others, full, stuck}
    assert copies[full] == 1
    for who in copies:  # a second copy is the same message
        assert len({mail["Message-ID"] for mail in mailbox.to(who)}) == 1
    await job.channel.rest()


async def test_a_server_that_is_away_is_asked_now_and_then_and_nothing_is_taken_up_for_it(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchants = [await agreed(notifications, client, "fr", f"shop-{number}") for number in range(8)]
        notifications.directory.away = True
        await notifications.publish(*(notifications.review(merchant) for merchant in merchants))
        await notifications.eventually(lambda: notifications.value("SELECT count(*) = 8 FROM delivery"))
    notifications.directory.away = False
    notifications.mailbox.stop()
    now: list[datetime] = [utc_now() + timedelta(minutes=2)]
    job = dispatch_of(notifications, lambda: now[0])
    before = await notifications.value("SELECT sum(attempts) FROM delivery")
    for _ in range(600):
        await job.send_batch()
        now[0] += timedelta(seconds=1)
    taken_up = await notifications.value("SELECT sum(attempts) FROM delivery") - before
    assert taken_up <= 8 + 10 * 60 / 30 + 10  # a first batch, then one alone each half minute
    notifications.mailbox.start()
    now[0] += timedelta(minutes=1)
    while await job.send_batch():
        now[0] += timedelta(seconds=30)
    assert await notifications.value("SELECT count(*) FROM delivery WHERE state = 'sent'") == 8
    assert len(notifications.mailbox.raw) == 8


async def test_while_one_mail_hangs_all_others_go_out_those_of_later_batches_too(
    notifications: Notifications,
) -> None:
    many = BATCH + 10
    async with notifications.running() as client:
        merchants = [await agreed(notifications, client, "fr", f"shop-{number}") for number in range(many)]
    notices = [
        Notice(notifications.city, to_merchant(each), "welcome", "-", {"totals": {}}, utc_now(), None)
        for each in merchants
    ]
    async with notifications.database.transaction() as tx:
        await notify(tx, notices)
    job = dispatch_of(notifications, lambda: utc_now() + timedelta(days=1))
    notifications.mailbox.after_data = [HANG]
    async with running(job):
        sent = "SELECT count(*) FROM delivery WHERE state = 'sent'"

        async def others_are_sent() -> bool:
            return bool(await notifications.value(sent) == many - 1)

        await notifications.eventually(others_are_sent, seconds=15)
        assert await notifications.value("SELECT count(*) FROM delivery WHERE state = 'sending'") == 1
        notifications.mailbox.stop()  # it hangs up, and is not waited for
    assert len(notifications.mailbox.raw) == many - 1


async def test_a_mail_whose_event_cannot_be_told_is_noted_all_the_same_and_not_sent_each_minute(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with notifications.running() as client:
        merchants = [await agreed(notifications, client, "fr", f"shop-{number}") for number in range(3)]
    notices = [
        Notice(notifications.city, to_merchant(each), "welcome", "-", {"totals": {}}, utc_now(), None)
        for each in merchants
    ]
    async with notifications.database.transaction() as tx:
        await notify(tx, notices)

    async def tell(tx: Transaction, ended: Sequence[Ended]) -> None:
        if any(each.due.recipient.id == merchants[0] for each in ended):
            raise ValueError("a mistake of ours")
        await facts.tell(tx, ended)

    monkeypatch.setattr(settling, "tell", tell)
    now = [utc_now() + timedelta(days=1)]
    job = dispatch_of(notifications, lambda: now[0])
    for _ in range(2):
        await job.send_batch()
        now[0] += timedelta(minutes=2)
    await job.channel.rest()
    assert len(notifications.mailbox.raw) == 3
    assert await notifications.value("SELECT count(*) FROM delivery WHERE state = 'sent'") == 3
    told = "SELECT count(*) FROM outbox WHERE subject LIKE '%merchant-notified%'"
    assert await notifications.value(told) == 2, "those of the others"
