"""Goals: read from sums that agree with the facts, and told once when they are reached."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import distinct, func, select, text

from chassis.clock import utc_now
from contracts.campaigns.v1 import GoalReached
from services.campaigns.contributions.domain import Channel, Share
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.contributions.use_cases.post import post
from services.campaigns.evaluation.domain import Figure
from services.campaigns.evaluation.figures import figures_of
from services.campaigns.goals.watch import AFTERWARDS, note_goals
from tests.support.campaigns import Campaigns

GOALS = [{"figure": "shares", "target": 2}, {"figure": "merchants-reached", "target": 9}]


async def progress(campaigns: Campaigns, campaign: dict[str, Any]) -> dict[str, Any]:
    await campaigns.count()
    answer = await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}/progress")
    shown: dict[str, Any] = answer.json()
    return shown


async def test_whatever_is_posted_and_taken_back_progress_agrees_with_the_facts(
    campaigns: Campaigns,
) -> None:
    campaign, other = [await campaigns.a_campaign("schedule", "start") for _ in range(2)]
    merchants = [await campaigns.a_merchant() for _ in range(3)]
    people, chance = [uuid4() for _ in range(4)], Random(6)
    for person in people:
        await campaigns.join(campaign, person)
    await campaigns.join(other, people[0])

    async def act(person: UUID) -> None:
        posted = await campaigns.share(
            chance.choice(merchants), person, chance.choice(["mail", "sms", "link"])
        )
        if posted.status_code == 201 and chance.random() < 0.4:
            path = f"/api/v1/contributions/{posted.json()['id']}"
            await campaigns.client.delete(path, headers=campaigns.as_person(person))

    for _ in range(6):
        await asyncio.gather(*(act(person) for person in people))
    for each in (campaign, other):
        async with campaigns.database.connection() as connection:
            facts = await figures_of(connection, UUID(each["id"]))
        del facts[Figure.ACTIVE_AMBASSADORS]
        assert (await progress(campaigns, each))["figures"] == facts
    async with campaigns.database.transaction() as tx:
        everything = text("UPDATE contribution SET withdrawn_at = now() WHERE withdrawn_at IS NULL")
        await tx.execute(everything)
    figures = (await progress(campaigns, campaign))["figures"]
    assert figures == dict.fromkeys(figures, 0) | {"ambassadors": len(people)}


async def test_who_contributes_to_a_shop_waits_for_nobody_else_who_does(campaigns: Campaigns) -> None:
    campaign, merchant = await campaigns.a_campaign("schedule", "start"), await campaigns.a_merchant()
    one, other = uuid4(), uuid4()
    for person in (one, other):
        await campaigns.join(campaign, person)

    async with campaigns.database.transaction() as tx:  # the first has not committed yet
        await post(tx, one, merchant, Share(Channel.MAIL), campaigns.clock())
        second = await asyncio.wait_for(campaigns.share(merchant, other), 60)

    assert second.status_code == 201
    assert (await progress(campaigns, campaign))["figures"]["shares"] == 2


async def test_a_goal_is_told_once_when_it_is_reached_and_keeps_its_time(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule", "start", goals=GOALS)
    merchant, person = await campaigns.a_merchant(), uuid4()
    await campaigns.join(campaign, person)
    await campaigns.share(merchant, person, "mail")
    await campaigns.count()
    await note_goals(campaigns.database, utc_now())
    assert await campaigns.recorded(GoalReached) == []
    last = (await campaigns.share(merchant, person, "sms")).json()
    await campaigns.post(f"campaigns/{campaign['id']}/end", campaigns.as_officer())
    await campaigns.count()
    await asyncio.gather(*(note_goals(campaigns.database, utc_now()) for _ in range(5)))
    (event,) = await campaigns.recorded(GoalReached)
    assert isinstance(event.fact, GoalReached)
    assert (event.fact.figure, event.fact.target) == ("shares", 2)
    await campaigns.client.delete(f"/api/v1/contributions/{last['id']}", headers=campaigns.as_person(person))
    await campaigns.share(merchant, person, "link")
    await note_goals(campaigns.database, utc_now() + AFTERWARDS + timedelta(seconds=1))
    assert len(await campaigns.recorded(GoalReached)) == 1
    shares, merchants = (await progress(campaigns, campaign))["goals"]
    assert (shares["counted"], merchants["counted"]) == (1, 1)
    assert shares["reached_at"] is not None
    assert merchants["reached_at"] is None


async def test_goals_are_counts_and_a_drafts_progress_is_its_officers(campaigns: Campaigns) -> None:
    draft = await campaigns.a_draft(goals=GOALS)
    assert draft["goals"] == GOALS
    plan = {key: draft[key] for key in ("city_id", "name", "starts_at", "ends_at")}
    for goals, field in (
        ([{"figure": "stars", "target": 5}], "goals.0.figure"),
        ([{"figure": "reviews", "target": 0}], "goals.0.target"),
        ([GOALS[0], GOALS[0]], "goals"),
    ):
        answer = await campaigns.post("campaigns", campaigns.as_officer(), plan | {"goals": goals})
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    path = f"/api/v1/campaigns/{draft['id']}/progress"
    assert (await campaigns.client.get(path)).status_code == 404
    assert (await campaigns.client.get(path, headers=campaigns.as_officer())).status_code == 200


async def test_a_campaign_is_evaluated_from_its_index_and_not_from_all_contributions(
    campaigns: Campaigns,
) -> None:
    counted = select(contribution.c.kind, func.count()).where(
        is_public, contribution.c.campaign_id == uuid4()
    )
    people = func.count(distinct(contribution.c.contributor_id))
    async with campaigns.database.transaction() as tx:
        await tx.execute(text(_MANY_OTHERS))
        await tx.execute(text("ANALYZE contribution"))
        for query in (counted.group_by(contribution.c.kind), counted.with_only_columns(people)):
            written = query.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True})
            plan = "\n".join((await tx.execute(text(f"EXPLAIN {written}"))).scalars())
            assert "contribution_by_campaign" in plan, plan


_MANY_OTHERS = """
    INSERT INTO contribution (id, city_id, merchant_id, contributor_id, kind, slot, campaign_id,
                              counts_for_audience, posted_at, standing, standing_version, published_at)
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'review', 'none',
           gen_random_uuid(), true, now(), 'published', 1, now()
    FROM generate_series(1, 5000)
"""
