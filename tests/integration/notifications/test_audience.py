"""The audience is made of events alone: reversible, each contribution once, whatever the order."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from chassis.clock import utc_now
from chassis.consumer import INBOX_HORIZON
from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.service import Mode
from contracts.campaigns.v1 import ContributionWithdrawn
from contracts.envelope import Event, Fact
from tests.support.notifications import Notifications


async def test_a_withdrawn_contribution_lowers_the_audience(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        reviews = [notifications.review(merchant) for _ in range(3)]
        await notifications.publish(*reviews, notifications.share(merchant))
        await notifications.publish(notifications.withdrawal(reviews[0]))
        await notifications.caught_up()
        answer = await client.get(f"/api/v1/audience/{merchant}", headers=notifications.owner(merchant))
        assert answer.json()["totals"] == {"review": 2, "share": 1}


async def test_what_moderation_takes_away_counts_again_once_it_is_reinstated(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        first, second, third = reviews = [notifications.review(merchant) for _ in range(3)]
        removals = {review: notifications.removal(review) for review in reviews}
        await notifications.publish(removals[first], notifications.reinstatement(second), *reviews)
        await notifications.publish(removals[third], removals[second], *reviews)
        await notifications.caught_up()
        path, headers = f"/api/v1/audience/{merchant}", notifications.owner(merchant)
        assert (await client.get(path, headers=headers)).json()["totals"] == {"review": 1}
        listed = await client.get(f"{path}/contributions", headers=headers)
        assert [each["contribution_id"] for each in listed.json()["items"]] == [str(second.contribution_id)]
    assert await notifications.value("SELECT sum(count) FROM milestone_count") == 1


async def test_days_are_those_of_belgium(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant = await notifications.a_merchant()
        review = notifications.review(merchant)
        await notifications.publish(review, at=datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
        await notifications.caught_up()
        answer = await client.get(f"/api/v1/audience/{merchant}", headers=notifications.owner(merchant))
        assert answer.json()["days"] == [{"day": "2026-07-01", "kind": "review", "count": 1}]
        listed = await client.get(
            f"/api/v1/audience/{merchant}/contributions", headers=notifications.owner(merchant)
        )
        assert [each["contribution_id"] for each in listed.json()["items"]] == [str(review.contribution_id)]


async def test_two_workers_any_order_and_redeliveries_count_each_once(notifications: Notifications) -> None:
    merchants = [new_id() for _ in range(12)]
    facts: list[Fact] = []
    withdrawn = 0
    for number in range(1500):
        merchant = merchants[number % len(merchants)]
        posted = notifications.review(merchant) if number % 3 else notifications.share(merchant)
        facts.append(posted)
        if number % 5 == 0:
            withdrawn += 1
            facts.append(notifications.withdrawal(posted))
    # Some of it is older than the inbox remembers, as for every durable that reads its stream from the start.
    days = (utc_now(), utc_now() - INBOX_HORIZON * 2)
    events = [Event.of(fact, days[number % 2]) for number, fact in enumerate(facts)]
    mixed = [*events, *random.sample(events, 500)]
    random.shuffle(mixed)
    async with (
        notifications.running(),
        notifications.running(Mode.worker),
        notifications.running(Mode.worker),
    ):
        await notifications.publish_events(mixed)
        await notifications.caught_up()
    assert await notifications.value("SELECT sum(count) FROM audience_day_blue") == 1500 - withdrawn
    assert await notifications.value("SELECT sum(count) FROM milestone_count") == 1500 - withdrawn
    assert await notifications.value("SELECT count(*) FROM dead_letter") == 0
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert await notifications.value(deadlocks) == 0


async def test_a_kind_that_is_none_is_put_aside_and_the_rest_counted(notifications: Notifications) -> None:
    async with notifications.running():
        merchant = await notifications.a_merchant()
        broken = ContributionWithdrawn(
            city_id=notifications.city, contribution_id=new_id(), merchant_id=merchant, kind="Not a\x00kind"
        )
        await notifications.publish(
            *(notifications.review(merchant) for _ in range(4)), broken, notifications.review(merchant)
        )
        await notifications.caught_up()
    assert await notifications.value("SELECT sum(count) FROM audience_day_blue") == 5
    dead = await notifications.rows("SELECT consumer FROM dead_letter ORDER BY consumer")
    assert dead == [("notifications__audience_blue",), ("notifications__reactions",)]


async def test_only_those_concerned_may_look(notifications: Notifications) -> None:
    async with notifications.running() as client:
        merchant, city = await notifications.a_merchant(), notifications.city
        path = f"/api/v1/audience/{merchant}"
        allowed = [
            notifications.owner(merchant),
            notifications.somebody(Grant(Role.city_officer, city_id=city)),
            notifications.somebody(Grant(Role.consultant)),
            notifications.somebody(Grant(Role.operator)),
        ]
        refused = [
            notifications.somebody(),
            notifications.somebody(Grant(Role.ambassador)),
            notifications.somebody(Grant(Role.merchant, city, new_id())),
            notifications.somebody(Grant(Role.city_officer, city_id=new_id())),
        ]
        assert [(await client.get(path, headers=each)).status_code for each in allowed] == [200] * 4
        assert [(await client.get(path, headers=each)).status_code for each in refused] == [403] * 4
        assert (await client.get(path)).status_code == 401
        unknown = await client.get(f"/api/v1/audience/{new_id()}", headers=allowed[3])
        assert unknown.status_code == 404
