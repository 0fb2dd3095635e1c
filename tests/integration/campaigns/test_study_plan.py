"""What is looked at, and compared with whom, is set before a campaign starts and fixed once it does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from chassis.clock import utc_now
from contracts.directory.v1 import MerchantClaimed
from contracts.envelope import Event
from services.campaigns.study.tables import outcome_fact, study_member
from tests.integration.campaigns.studies import START, assessed, districts, happened, shops, wished, write
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


async def members(campaigns: Campaigns) -> dict[Any, tuple[bool, str]]:
    async with campaigns.database.connection() as connection:
        found = await connection.execute(select(study_member))
        return {row.merchant_id: (row.treated, row.unit) for row in found}


async def facts(campaigns: Campaigns) -> list[tuple[str, Any, Any]]:
    known = outcome_fact.c
    async with campaigns.database.connection() as connection:
        found = await connection.execute(select(known.kind, known.merchant_id, known.day).order_by(known.day))
        return [(row.kind, row.merchant_id, row.day) for row in found]


async def test_a_plan_can_change_until_the_campaign_starts(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_draft()
    path = f"/api/v1/campaigns/{campaign['id']}/study/plan"
    assert (await campaigns.client.get(path, headers=campaigns.as_officer())).status_code == 404
    first = await write(campaigns, campaign, outcomes=["assessment", "claim", "claim"])
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    assert (await write(campaigns, campaign)).status_code == 412  # another officer was quicker
    await campaigns.post(f"campaigns/{campaign['id']}/schedule", campaigns.as_officer())
    assert (await write(campaigns, campaign, 1, weeks_after=8)).json()["weeks_after"] == 8
    await campaigns.post(f"campaigns/{campaign['id']}/start", campaigns.as_officer())
    late = await write(campaigns, campaign, 2)
    assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (409, "study-plan-is-fixed")
    shown = (await campaigns.client.get(path, headers=campaigns.as_officer())).json()
    assert (shown["outcomes"], shown["weeks_after"], shown["fixed"]) == (["assessment"], 8, True)


async def test_bad_plans_are_refused_by_field(campaigns: Campaigns) -> None:
    here, there = await districts(campaigns, 2)
    asks = [{"platform": "here", "action": "follow", "reward": "none"}]
    campaign = await campaigns.a_draft(district_ids=[str(here)], asks=asks)
    for plan, field, why in (
        ({"outcomes": ["review"]}, "outcomes", "never called an effect"),
        ({"outcomes": ["photo"]}, "outcomes", "never called an effect"),
        ({"outcomes": ["claim", "follow"]}, "outcomes", "never called an effect"),
        ({"outcomes": ["happiness"]}, "outcomes.0", ""),
        ({"outcomes": []}, "outcomes", ""),
        ({"weeks_before": 3}, "weeks_before", ""),
        ({"least_merchants": 4}, "least_merchants", ""),
        ({"comparison_district_ids": [str(here)]}, "comparison_district_ids", "itself runs"),
        ({"comparison_district_ids": [str(campaigns.city)]}, "comparison_district_ids", "no district"),
    ):
        answer = await write(campaigns, campaign, **plan)
        assert (answer.status_code, answer.json()["field"]) == (422, field), plan
        assert why in answer.json()["errors"][0]["detail"] if "errors" in answer.json() else answer.text
    assert (await write(campaigns, campaign, comparison_district_ids=[str(there)])).status_code == 200


async def test_both_groups_are_those_of_the_start(campaigns: Campaigns) -> None:
    here, there, elsewhere = await districts(campaigns, 3)
    own, others = await shops(campaigns, 0, 2), await shops(campaigns, 1, 2)
    await shops(campaigns, 2, 1)
    await shops(campaigns, 1, 1, kind="amenity=bar")
    campaign = await campaigns.a_draft(district_ids=[str(here)], kinds=["shop=bakery"])
    await write(campaigns, campaign, comparison_district_ids=[str(there)])
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
    await shops(campaigns, 0, 1)
    assert await members(campaigns) == {
        **{each: (True, str(here)) for each in own},
        **{each: (False, str(there)) for each in others},
    }
    assert str(elsewhere) not in {unit for _, unit in (await members(campaigns)).values()}


@pytest.mark.parametrize(
    ("scope", "units"),
    [({"kinds": ["shop=tea"]}, {"shop=tea", "shop=bakery"}), ({}, None), ({"merchant_ids": 1}, None)],
)
async def test_a_unit_is_what_was_chosen_as_a_whole(
    campaigns: Campaigns, scope: dict[str, Any], units: set[str] | None
) -> None:
    await districts(campaigns, 1)
    known = [*await shops(campaigns, 0, 2), *await shops(campaigns, 0, 1, kind="shop=tea")]
    if "merchant_ids" in scope:
        scope = {"merchant_ids": [str(known[0])]}
    campaign = await campaigns.a_draft(**scope)
    await write(campaigns, campaign)
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
    found = await members(campaigns)
    assert {unit for _, unit in found.values()} == (units or {str(each) for each in known})
    assert sum(treated for treated, _ in found.values()) == (1 if scope else 3)


async def test_a_plan_and_the_start_never_pass_each_other(campaigns: Campaigns) -> None:
    for _ in range(5):
        merchant = await campaigns.a_merchant()
        campaign = await campaigns.a_campaign("schedule")
        start = campaigns.post(f"campaigns/{campaign['id']}/start", campaigns.as_officer())
        written, started = await asyncio.gather(write(campaigns, campaign), start)
        assert (started.status_code, written.status_code in (200, 409)) == (200, True)
        async with campaigns.database.connection() as connection:
            of_it = study_member.c.campaign_id == campaign["id"]
            frozen = set(await connection.scalars(select(study_member.c.merchant_id).where(of_it)))
        assert (merchant in frozen) is (written.status_code == 200)


async def test_what_happens_is_counted_once_by_its_day_in_belgium(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    late = START.replace(hour=22, minute=30)  # half past midnight in Belgium
    claimed = Event.of(MerchantClaimed(city_id=campaigns.city, merchant_id=merchant, version=2), START)
    events = [claimed, assessed(campaigns, merchant, late), wished(campaigns, merchant, late)]
    await happened(campaigns, [*events, *reversed(events)])
    async with campaigns.database.transaction() as tx:
        await tx.exec_driver_sql("DELETE FROM inbox")
    await happened(campaigns, reversed(events))  # a stream that is read anew
    tomorrow = START.date() + timedelta(days=1)
    assert sorted(await facts(campaigns)) == [
        ("assessment", merchant, tomorrow), ("claim", merchant, START.date()),
        ("training-request", merchant, tomorrow),
    ]  # fmt: skip


async def test_nothing_of_an_erased_shop_stays_or_comes_back(campaigns: Campaigns) -> None:
    gone, stays = await campaigns.a_merchant(), await campaigns.a_merchant()
    campaign = await campaigns.a_draft()
    await write(campaigns, campaign)
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
    await happened(campaigns, [assessed(campaigns, each, START) for each in (gone, stays)])
    await deliver(campaigns.service, erasure_of(campaigns.officer, closed=[gone]))
    await happened(campaigns, [assessed(campaigns, gone, utc_now())])
    assert [merchant for _, merchant, _ in await facts(campaigns)] == [stays]
    assert set(await members(campaigns)) == {stays}
