"""Visits by ambassadors' links are a kind among a merchant's figures: the newest sum of each link and day."""

from __future__ import annotations

import random
from datetime import date
from uuid import UUID

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Mode
from contracts.campaigns.v1 import ShareLinkVisitsCounted
from contracts.envelope import Event, Fact
from services.notifications.main import build
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.notifications import Notifications

DAYS = date(2026, 11, 25), date(2026, 11, 26)


def tellings(city: UUID, merchant: UUID | None, kind: str, day: date, *visits: int) -> list[Fact]:
    """Of one link and day, one after the other."""
    link, count = new_id(), new_id()
    return [
        ShareLinkVisitsCounted(
            city_id=city,
            count_id=count,
            link_id=link,
            kind=kind,
            merchant_id=merchant,
            campaign_id=None if merchant else new_id(),
            day=day,
            visits=number,
            visitors=number,
            version=version,
        )
        for version, number in enumerate(visits, 1)
    ]


async def test_two_workers_any_order_and_redeliveries_end_in_the_newest_sums(
    notifications: Notifications,
) -> None:
    async with notifications.running() as client, notifications.running(Mode.worker):
        merchants = [await notifications.a_merchant() for _ in range(3)]
        facts: list[Fact] = []
        for number in range(120):
            merchant, day = merchants[number % 3], DAYS[number % 2]
            facts += tellings(notifications.city, merchant, "share", day, 1, 3, 3 + number % 5)
        facts += tellings(notifications.city, merchants[0], "shop", DAYS[0], 1_000)
        facts += tellings(notifications.city, None, "join", DAYS[0], 1_000)
        facts += [notifications.review(merchants[0])]
        events = [Event.of(fact, utc_now()) for fact in facts]
        mixed = [*events, *random.sample(events, 100)]
        random.shuffle(mixed)
        await notifications.publish_events(mixed)
        await notifications.caught_up()
        for place, merchant in enumerate(merchants):
            numbers = [number for number in range(120) if number % 3 == place]
            answer = await client.get(f"/api/v1/audience/{merchant}", headers=notifications.owner(merchant))
            assert answer.json()["totals"]["visit"] == sum(3 + number % 5 for number in numbers)
            by_day = {day["day"]: day["count"] for day in answer.json()["days"] if day["kind"] == "visit"}
            assert by_day == {
                day.isoformat(): sum(3 + number % 5 for number in numbers if number % 2 == index)
                for index, day in enumerate(DAYS)
            }
    assert await notifications.value("SELECT count(*) FROM dead_letter") == 0


async def test_a_shop_that_was_erased_gets_no_visits_again(notifications: Notifications) -> None:
    service = build(notifications.settings, keys=notifications.issuer.keys())
    shop = new_id()
    first, second = tellings(notifications.city, shop, "share", DAYS[0], 2, 5)
    await deliver(service, Event.of(first, utc_now()))
    assert await notifications.value("SELECT sum(count) FROM audience_day_blue") == 2
    await deliver(service, erasure_of(new_id(), closed=[shop]))
    await deliver(service, Event.of(second, utc_now()))
    for table in ("audience_day_blue", "audience_visits_blue"):
        assert await notifications.value(f"SELECT count(*) FROM {table}") == 0
    await service.database.close()
