"""Digests: many events are one message, nothing is lost or told twice, and what was read is left out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.service import Mode
from services.notifications.delivery import planning
from services.notifications.delivery.deciding import LOCAL, Decision
from services.notifications.delivery.domain import State
from services.notifications.delivery.log import Span, replay
from services.notifications.delivery.queue import LEASE, Due, Ended, claim_due, settle_all
from services.notifications.feed import notify as telling
from services.notifications.feed.notify import Notice, notify
from services.notifications.recipients import Recipient, to_merchant
from tests.support.notifications import Notifications

pytestmark = pytest.mark.slow

WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=LOCAL).astimezone(UTC)
DAILY = {"timings": {"milestone": {"mail": "daily"}}, "most_a_day": 3}


class Clocked:
    """The service's database at times that the test says."""

    def __init__(self, notifications: Notifications, monkeypatch: pytest.MonkeyPatch) -> None:
        self.notifications = notifications
        self.now = WEDNESDAY
        monkeypatch.setattr(telling, "utc_now", lambda: self.now)

    async def tell(
        self, recipient: Recipient, *reasons: str, kind: Any = "milestone", **more: str
    ) -> list[UUID]:
        data = {"kind": "review", "threshold": 1, "count": 1, "totals": {}, **more}
        city = self.notifications.city
        notices: Any = [
            Notice(city, recipient, kind, reason, data | {"kind": reason}, utc_now(), None)
            for reason in reasons
        ]
        async with self.notifications.database.transaction() as tx:
            return await notify(tx, notices)

    async def claim(self) -> list[Due]:
        async with self.notifications.database.transaction() as tx:
            return await claim_due(tx, self.now)

    async def send(self) -> list[Due]:
        """What is due now is sent."""
        due = await self.claim()
        async with self.notifications.database.transaction() as tx:
            ended = [Ended(each, State.sent, self.now) for each in due]
            assert await settle_all(tx, ended) == {each.id for each in due}
        return due

    async def states(self) -> list[tuple[Any, ...]]:
        return await self.notifications.rows(
            'SELECT "window", state, reason FROM delivery ORDER BY coalesce(due_at, finished_at), "window"'
        )


@pytest.fixture
def clocked(notifications: Notifications, monkeypatch: pytest.MonkeyPatch) -> Clocked:
    return Clocked(notifications, monkeypatch)


async def a_shop(notifications: Notifications, client: httpx.AsyncClient, **choices: Any) -> Recipient:
    merchant = await notifications.a_merchant()
    await notifications.agree(client, merchant, "fr", f"{merchant}@shop.example", **choices)
    return to_merchant(merchant)


async def test_two_hundred_events_at_once_are_one_digest_and_none_is_lost(
    notifications: Notifications, clocked: Clocked
) -> None:
    async with notifications.running() as client:
        shop = await a_shop(notifications, client, **DAILY, digest_hour=8)
    door = asyncio.Semaphore(16)  # as many as there are connections, and a few are left

    async def tell(number: int) -> None:
        async with door:
            await clocked.tell(shop, f"{number}")

    await asyncio.gather(*(tell(number) for number in range(200)))
    assert await clocked.states() == [("digest:2026-11-26", "pending", None)]

    clocked.now = WEDNESDAY + timedelta(hours=22)
    (due,) = await clocked.send()
    assert len(due.items) == len({each.notification_id for each in due.items}) == 200
    assert await clocked.claim() == []


async def test_news_that_comes_while_a_digest_is_taken_up_goes_into_the_next(
    notifications: Notifications, clocked: Clocked
) -> None:
    """And so does news at a clock that was set back to before a digest that was sent."""
    async with notifications.running() as client:
        shop = await a_shop(notifications, client, **DAILY, digest_hour=8)
    (first,) = await clocked.tell(shop, "first")
    clocked.now = WEDNESDAY + timedelta(hours=22)
    (taken,) = await clocked.claim()

    clocked.now = WEDNESDAY  # set back
    (second,) = await clocked.tell(shop, "second")
    async with notifications.database.transaction() as tx:
        await settle_all(tx, [Ended(taken, State.sent, WEDNESDAY + timedelta(hours=22))])
    (third,) = await clocked.tell(shop, "third")
    assert await clocked.claim() == []

    clocked.now = WEDNESDAY + timedelta(days=5)  # the service was down over the due hour
    (later,) = await clocked.send()
    assert [each.notification_id for each in taken.items] == [first]
    assert [each.notification_id for each in later.items] == [second, third]
    chain = await notifications.value("SELECT rules FROM decision WHERE notification_id = :id", id=second)
    assert chain == ["chosen:daily", "window-closed"]
    windows = [row[0] for row in await clocked.states()]
    assert windows == ["digest:2026-11-26", "digest:2026-11-27"]


async def test_what_was_read_or_is_over_is_left_out_and_an_empty_digest_is_not_sent(
    notifications: Notifications, clocked: Clocked
) -> None:
    offer, offered = {"expires_at": (WEDNESDAY + timedelta(days=1)).isoformat()}, {"mail": "daily"}
    choices = {**DAILY, "timings": {"milestone": offered, "coaching-offered": offered}}
    async with notifications.running() as client:
        shop, other, late = [await a_shop(notifications, client, **choices) for _ in range(3)]
    (passed_on,) = await clocked.tell(shop, "a seat", kind="coaching-offered", **offer)
    await clocked.tell(late, "a seat", kind="coaching-offered", **offer)
    async with notifications.running(Mode.api) as client:
        read, unread = await clocked.tell(shop, "read", "unread")
        (alone,) = await clocked.tell(other, "alone")
        for merchant, notice in ((shop.id, read), (other.id, alone)):
            path = f"/api/v1/notifications/{notice}/read"
            answer = await client.post(path, headers=notifications.owner(merchant))
            assert answer.status_code == 200
    clocked.now = WEDNESDAY + timedelta(days=1)
    (due,) = await clocked.send()
    assert [each.notification_id for each in due.items] == [unread]
    assert sorted(await clocked.states(), key=str) == [
        ("digest:2026-11-26", "sent", None),
        ("digest:2026-11-26", "suppressed", "out-of-date"),
        ("digest:2026-11-26", "suppressed", "read-in-feed"),
    ]
    why = await notifications.value("SELECT left_out FROM decision WHERE notification_id = :id", id=passed_on)
    assert why == "out-of-date"


async def test_unread_news_of_digests_that_never_arrived_goes_along_with_the_next_and_once(
    notifications: Notifications, clocked: Clocked
) -> None:
    """Forty in one, not four times ten: but for what was read, or is older than a month."""
    async with notifications.running() as client:
        shop = await a_shop(notifications, client, **DAILY)
    told: list[UUID] = []
    for day, (state, reason) in enumerate(
        [("failed_for_good", "message-refused"), ("suppressed", "address-suppressed")]
    ):
        clocked.now = WEDNESDAY + timedelta(days=day)
        told += await clocked.tell(shop, f"{day}-first", f"{day}-second")
        clocked.now += timedelta(days=1)
        (failed,) = await clocked.claim()
        assert [each.notification_id for each in failed.items] == told
        async with notifications.database.transaction() as tx:
            await settle_all(tx, [Ended(failed, State(state), clocked.now, reason)])
    await notifications.execute("UPDATE notification SET read_at = now() WHERE id = :id", id=told.pop(0))
    old = "UPDATE notification SET created_at = created_at - interval '40 days' WHERE id = :id"
    await notifications.execute(old, id=told.pop(0))

    told += await clocked.tell(shop, "last")
    clocked.now += timedelta(days=1)
    (taken,) = await clocked.claim()
    assert [each.notification_id for each in taken.items] == told
    clocked.now += LEASE  # its worker died: what it had is what is sent, under the same id
    assert await clocked.send() == [taken._replace(attempts=2)]
    chain = await notifications.value("SELECT rules FROM decision WHERE notification_id = :id", id=told[0])
    assert chain == ["chosen:daily", "carried-over"]
    async with notifications.database.transaction() as tx:
        since, until = WEDNESDAY, clocked.now + timedelta(days=1)
        assert await replay(tx, clocked.now, Span(None, since, until), by=UUID(int=1)) == 1
    (again,) = await clocked.send()
    assert len(again.items) == 1, "the old one, which no digest took along"


async def test_a_day_has_no_more_messages_than_the_cap_and_the_rest_comes_the_next_day(
    notifications: Notifications, clocked: Clocked
) -> None:
    async with notifications.running() as client:
        shop = await a_shop(notifications, client, most_a_day=2)
    for number in range(5):
        await clocked.tell(shop, f"{number}")
    sent = await clocked.send()
    assert [len(each.items) for each in sent] == [1, 1]
    clocked.now = WEDNESDAY + timedelta(days=1)
    (digest,) = await clocked.send()
    assert len(digest.items) == 3


async def test_what_came_due_while_nobody_was_there_waits_for_the_morning_but_for_what_is_binding(
    notifications: Notifications, clocked: Clocked
) -> None:
    async with notifications.running() as client:
        shop = await a_shop(notifications, client, quiet_from=20, quiet_to=8)
    (news,) = await clocked.tell(shop, "news")
    (binding,) = await clocked.tell(shop, "taken over", kind="account-changed")
    clocked.now = WEDNESDAY + timedelta(hours=12)  # ten in the evening
    assert [each.items[0].notification_id for each in await clocked.send()] == [binding]
    (more,) = await clocked.tell(shop, "more")
    clocked.now = WEDNESDAY + timedelta(hours=22)
    sent = await clocked.send()
    assert {each.notification_id for due in sent for each in due.items} == {news, more}


async def test_in_a_simulated_year_every_notice_goes_out_once(
    notifications: Notifications, clocked: Clocked
) -> None:
    """Weekly digests at two in the night, over both clock changes, with the clock set back now and then."""
    choices = {"timings": {"milestone": {"mail": "weekly"}}, "digest_day": 7, "digest_hour": 2}
    async with notifications.running() as client:
        shop = await a_shop(notifications, client, **choices)
    told, sent = [], []
    start = datetime(2026, 1, 1, tzinfo=LOCAL).astimezone(UTC)
    for day in range(365):
        clocked.now = start + timedelta(days=day, hours=day % 24)
        if day % 3 == 0:
            told += await clocked.tell(shop, f"{day}")
        if day % 50 == 7:
            clocked.now -= timedelta(days=2)
        sent += await clocked.send()
    clocked.now = start + timedelta(days=380)
    sent += await clocked.send()
    assert sorted(each.notification_id for due in sent for each in due.items) == sorted(told)
    windows = [row[0] for row in await clocked.states()]
    assert len(windows) == len(set(windows)) == len(sent)
    assert {datetime.fromisoformat(each.removeprefix("digest:")).isoweekday() for each in windows} <= {7, 1}


def test_the_id_of_a_message_is_that_of_its_window_for_ever() -> None:
    told = planning.Told(UUID(int=1), to_merchant(UUID(int=2)), UUID(int=3), "milestone", None)
    decision = Decision(WEDNESDAY, "digest:2026-11-25", ())
    first, second = (planning.message_id(planning.Planned(each, "mail", decision)) for each in
                     (told, told._replace(id=UUID(int=9))))  # fmt: skip
    assert first == second


async def test_the_chain_of_rules_says_why_something_came_or_did_not_and_what_failed_is_sent_again(
    notifications: Notifications, clocked: Clocked
) -> None:
    async with notifications.running() as client:
        shop = await a_shop(notifications, client)
        silent = to_merchant(await notifications.a_merchant())
    (came,), (stayed,) = await clocked.tell(shop, "came"), await clocked.tell(silent, "stayed")
    (due,) = await clocked.claim()
    async with notifications.database.transaction() as tx:
        await settle_all(tx, [Ended(due, State.failed_for_good, clocked.now, "message-refused")])

    async with notifications.running(Mode.api) as client:
        operator = notifications.somebody(Grant(Role.operator))

        async def why(notice: UUID, headers: dict[str, str]) -> tuple[Any, ...]:
            path = f"/api/v1/notifications/{notice}/deliveries"
            (fate,) = (await client.get(path, headers=headers)).json()["items"]
            return fate["rules"], fate["state"], fate["reason"]

        assert await why(came, notifications.owner(shop.id)) == (
            ["default:at-once"], "failed_for_good", "message-refused",
        )  # fmt: skip
        assert await why(stayed, operator) == (["not-agreed"], None, None)
        path = f"/api/v1/notifications/{came}/deliveries"
        assert (await client.get(path, headers=notifications.owner(silent.id))).status_code == 404

        path = "/api/v1/notifications/deliveries/replay"
        span = {"since": WEDNESDAY.isoformat(), "until": (WEDNESDAY + timedelta(hours=1)).isoformat()}
        for wrong in ({}, {"since": span["since"]}, span | {"delivery_id": str(due.id)}):
            refused = await client.post(path, json=wrong, headers=operator)
            assert (refused.status_code, refused.json()["field"]) == (422, "delivery_id")
        replayed = [(await client.post(path, json=span, headers=operator)).json() for _ in range(2)]
        assert replayed == [{"found": 1, "replayed": 1}, {"found": 0, "replayed": 0}]
    clocked.now = utc_now() + timedelta(minutes=1)
    assert [each.id for each in await clocked.send()] == [due.id], "under the same Message-ID"
