"""What a city sees agrees with the facts, whatever was done, in any order and however it was added up."""

from __future__ import annotations

import asyncio
from datetime import date
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.campaigns.contributions.domain import Channel, Share, Standing
from services.campaigns.contributions.use_cases.post import post
from services.campaigns.dashboard.counting import EVER, add_some
from services.campaigns.dashboard.rebuild import rebuild
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Kind, Subject
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

_DAYS = "SELECT scope_id, city_id, day, kind, counted FROM dashboard_day WHERE counted <> 0"
_SHOPS = "SELECT scope_id, merchant_id, kind, counted FROM dashboard_shop WHERE counted <> 0"
_ACTIVE = "SELECT scope_id, week, ambassadors FROM dashboard_active WHERE ambassadors <> 0"
# Each fact by itself: what it counts for, whom it reaches, and who did it.
_FACTS = """
    SELECT city_id, campaign_id, merchant_id, contributor_id, kind,
           (posted_at AT TIME ZONE 'Europe/Brussels')::date, 1
    FROM contribution WHERE withdrawn_at IS NULL AND standing = 'published' AND counts_for_audience
    UNION ALL SELECT city_id, NULL, merchant_id, NULL, 'follow',
                     (followed_at AT TIME ZONE 'Europe/Brussels')::date, 1
    FROM following WHERE unfollowed_at IS NULL
    UNION ALL SELECT city_id, campaign_id, merchant_id, NULL, 'visit-' || kind, day, visits FROM visit_day
"""
Sums = tuple[dict[Any, int], dict[Any, int], dict[Any, int]]


async def read(campaigns: Campaigns) -> Sums:
    days, shops, active = [
        {tuple(row[:-1]): int(row[-1]) for row in await campaigns.database.read(text(query), {})}
        for query in (_DAYS, _SHOPS, _ACTIVE)
    ]
    return days, shops, active


async def recomputed(campaigns: Campaigns) -> Sums:
    """From the facts, one by one, without a sum of the service's own."""
    days: dict[Any, int] = {}
    shops: dict[Any, int] = {}
    people: dict[tuple[UUID, date], set[UUID]] = {}
    for city, campaign, merchant, person, kind, day, number in await campaigns.database.read(
        text(_FACTS), {}
    ):
        for scope in {city, campaign or city}:
            days[scope, city, day, kind] = days.get((scope, city, day, kind), 0) + number
            if merchant is not None:
                shops[scope, merchant, kind] = shops.get((scope, merchant, kind), 0) + number
            if person is not None:
                for week in (date.fromordinal(day.toordinal() - day.weekday()), EVER):
                    people.setdefault((scope, week), set()).add(person)
    return days, shops, {key: len(found) for key, found in people.items()}


class History:
    """Ambassadors, and those who are none, who do things by chance."""

    def __init__(self, campaigns: Campaigns, merchants: list[UUID], people: list[UUID], seed: int) -> None:
        self.campaigns, self.merchants, self.people = campaigns, merchants, people
        self.chance = Random(seed)
        self.done: list[tuple[str, UUID]] = []

    async def act(self) -> None:
        merchant, person = self.chance.choice(self.merchants), self.chance.choice(self.people)
        own = self.campaigns.as_person(person)
        match self.chance.randrange(10):
            case 0 | 1 | 2:
                channel = self.chance.choice([*Channel])
                await self._note(await self.campaigns.share(merchant, person, channel), person)
            case 3 | 4:
                told = self.chance.choice(["Très bon pain", "Voir www.example.be", "Accueil chaleureux"])
                tie = self.chance.choice(["none", "none", "none", "staff"])
                await self._note(await self.campaigns.review(merchant, person, text=told, tie=tie), person)
            case 5 if self.done:
                taken_back, author = self.chance.choice(self.done)
                path, headers = f"/api/v1/contributions/{taken_back}", self.campaigns.as_person(author)
                await self.campaigns.client.delete(path, headers=headers)
            case 6 if self.done:
                decided, _ = self.chance.choice(self.done)
                await self.campaigns.change_standing(decided, self.chance.choice([*Standing]))
            case 7:
                method = self.chance.choice(["PUT", "PUT", "DELETE"])
                await self.campaigns.client.request(method, f"/api/v1/follows/{merchant}", headers=own)
            case 8:
                await self._visit(merchant)
            case _:
                await add_some(self.campaigns.database, self.chance.choice([1, 3, 100]))

    async def _note(self, answer: Any, person: UUID) -> None:
        if answer.status_code == 201:
            self.done.append((answer.json()["id"], person))

    async def _visit(self, merchant: UUID) -> None:
        counter = VisitCounter(self.campaigns.database, self.campaigns.clock)
        for visitor in range(self.chance.randrange(1, 4)):
            counter.count(Subject(merchant, Kind.PAGE, self.campaigns.city, merchant), f"{visitor}")
        await counter.close()


@pytest.mark.parametrize("seed", range(2))
async def test_after_any_history_what_is_seen_is_what_the_facts_come_to(
    campaigns: Campaigns, seed: int
) -> None:
    merchants, people = [await campaigns.a_merchant() for _ in range(3)], [uuid4() for _ in range(4)]
    for campaign in [await campaigns.a_campaign("schedule", "start") for _ in range(2)]:
        for person in people[:3]:
            await campaigns.join(campaign, person)
    history = History(campaigns, merchants, people, seed)
    for _ in range(50):
        await history.act()
    await deliver(campaigns.service, erasure_of(people[0], closed=merchants[:1]))
    async with campaigns.database.transaction() as tx:  # as the retention does after three years
        await tx.execute(text("DELETE FROM visit_day WHERE merchant_id = :of"), {"of": merchants[1]})

    await campaigns.count()
    facts = await recomputed(campaigns)
    assert await read(campaigns) == facts
    assert all(facts)

    said: list[str] = []
    async with campaigns.database.transaction() as tx:  # steps that wait are neither lost nor counted twice
        await tx.execute(text("UPDATE dashboard_day SET counted = counted + 7"))
    await campaigns.share(merchants[2], people[3])
    assert await rebuild(campaigns.database, said.append) > 0
    await campaigns.count()
    assert await read(campaigns) == await recomputed(campaigns)
    assert len(said) >= 3


async def test_what_is_committed_late_is_counted_late_and_by_one_process_alone(campaigns: Campaigns) -> None:
    campaign, merchant, person = (
        await campaigns.a_campaign("schedule", "start"), await campaigns.a_merchant(), uuid4(),
    )  # fmt: skip
    await campaigns.join(campaign, person)
    async with campaigns.database.transaction() as tx:
        await post(tx, person, merchant, Share(Channel.MAIL), campaigns.clock())
        await campaigns.share(merchant, uuid4())  # began later, is committed first
        assert await add_some(campaigns.database) == 1
    for channel in ("sms", "link", "facebook", "instagram"):
        await campaigns.share(merchant, person, channel)
    assert sum(await asyncio.gather(*(add_some(campaigns.database, 2) for _ in range(4)))) <= 5
    await campaigns.count()
    assert await read(campaigns) == await recomputed(campaigns)
    assert await campaigns.database.read(text("SELECT step FROM dashboard_step"), {}) == []


async def test_a_rebuild_while_people_post_loses_nothing(campaigns: Campaigns) -> None:
    merchants, people = [await campaigns.a_merchant() for _ in range(2)], [uuid4() for _ in range(6)]

    async def post_all(person: UUID) -> None:
        for merchant in merchants:
            for channel in Channel:
                assert (await campaigns.share(merchant, person, channel)).status_code == 201
                await add_some(campaigns.database)

    async def rebuild_again() -> None:
        for _ in range(5):
            await rebuild(campaigns.database, len)

    await asyncio.gather(rebuild_again(), *(post_all(person) for person in people))
    await campaigns.count()
    days, shops, active = await read(campaigns)
    assert (days, shops, active) == await recomputed(campaigns)
    assert sum(shops.values()) == len(people) * len(merchants) * len(Channel)
