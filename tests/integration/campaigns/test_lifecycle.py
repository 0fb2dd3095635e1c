"""Campaigns run by officers, and by the clock: once, however many processes there are."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import AmbassadorEnrolled, CampaignEnded, CampaignScheduled, CampaignStarted
from contracts.directory.v1 import DistrictDrawn, DistrictRemoved
from services.campaigns.lifecycle import clock
from tests.support.campaigns import Campaigns
from tests.support.one_service import until


async def test_an_officer_takes_a_campaign_from_draft_to_its_end(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule", "start", "end")
    assert (campaign["state"], campaign["version"]) == ("ended", 4)
    events = await campaigns.recorded()
    assert [type(event.fact) for event in events] == [CampaignScheduled, CampaignStarted, CampaignEnded]
    assert [event.fact.version for event in events] == [2, 3, 4]  # type: ignore[attr-defined]


async def test_a_step_that_is_none_is_a_conflict_that_names_the_state(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule")
    answer = await campaigns.post(f"campaigns/{campaign['id']}/schedule", campaigns.as_officer())
    assert answer.status_code == 409
    assert (answer.json()["type"], answer.json()["state"]) == (
        "urn:cococity:problem:illegal-transition",
        "scheduled",
    )


async def test_twenty_starts_at_the_same_time_start_it_once(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule")
    path = f"campaigns/{campaign['id']}/start"
    answers = await asyncio.gather(*(campaigns.post(path, campaigns.as_officer()) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert len(await campaigns.recorded(CampaignStarted)) == 1


async def test_an_officer_of_another_city_is_refused(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_draft()
    other = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    path = f"/api/v1/campaigns/{campaign['id']}"
    revised = await campaigns.client.patch(path, json={"name": "Mine"}, headers={**other, "If-Match": "*"})
    assert revised.status_code == 403
    for step in ("schedule", "start", "end"):
        assert (await campaigns.post(f"campaigns/{campaign['id']}/{step}", other)).status_code == 403
        assert (await campaigns.post(f"campaigns/{campaign['id']}/{step}", {})).status_code == 401
    drafted = {"city_id": str(campaigns.city), "name": "x"} | {
        name: campaign[name] for name in ("starts_at", "ends_at")
    }
    assert (await campaigns.post("campaigns", other, drafted)).status_code == 403
    assert (await campaigns.post("campaigns", campaigns.as_person(uuid4()), drafted)).status_code == 403
    assert await campaigns.recorded() == []


async def test_a_draft_is_seen_by_its_citys_officers_alone(campaigns: Campaigns) -> None:
    draft, announced = await campaigns.a_draft(), await campaigns.a_campaign("schedule")
    path = f"/api/v1/campaigns/{draft['id']}"
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    for headers in ({}, campaigns.as_person(uuid4()), elsewhere):
        assert (await campaigns.client.get(path, headers=headers)).status_code == 404
        listed = (await campaigns.client.get("/api/v1/campaigns", headers=headers)).json()["items"]
        assert [item["id"] for item in listed] == [announced["id"]]
    assert (await campaigns.client.get(path, headers=campaigns.as_officer())).status_code == 200
    own = (await campaigns.client.get("/api/v1/campaigns", headers=campaigns.as_officer())).json()["items"]
    assert [item["id"] for item in own] == [announced["id"], draft["id"]]
    joined = await campaigns.join(draft, uuid4())
    assert joined.status_code == 404


async def test_campaigns_are_found_by_city_code_and_state(campaigns: Campaigns) -> None:
    await campaigns.a_merchant()
    running, scheduled = (
        await campaigns.a_campaign("schedule", "start"),
        await campaigns.a_campaign("schedule"),
    )

    async def found(query: str) -> list[str]:
        answer = await campaigns.client.get(f"/api/v1/campaigns?{query}")
        return [item["id"] for item in answer.json()["items"]]

    assert await found("nis_code=85046") == [scheduled["id"], running["id"]]
    assert await found(f"city={campaigns.city}&state=running") == [running["id"]]
    assert await found("nis_code=62063") == []
    assert await found(f"city={uuid4()}") == []


async def test_of_two_officers_who_revise_a_draft_the_second_is_told(campaigns: Campaigns) -> None:
    draft = await campaigns.a_draft()
    path, headers = f"/api/v1/campaigns/{draft['id']}", campaigns.as_officer()
    blind = await campaigns.client.patch(path, json={"name": "A"}, headers=headers)
    first = await campaigns.client.patch(path, json={"name": "A"}, headers={**headers, "If-Match": '"1"'})
    second = await campaigns.client.patch(path, json={"name": "B"}, headers={**headers, "If-Match": '"1"'})
    assert (blind.status_code, first.status_code, second.status_code) == (428, 200, 412)
    assert first.headers["ETag"] == second.headers["ETag"] == '"2"'
    stale = await campaigns.post(f"campaigns/{draft['id']}/schedule", {**headers, "If-Match": '"1"'})
    assert stale.status_code == 412
    announced = await campaigns.post(f"campaigns/{draft['id']}/schedule", {**headers, "If-Match": '"2"'})
    assert announced.json()["name"] == "A"


async def test_a_plan_is_checked(campaigns: Campaigns) -> None:
    now = utc_now()
    district = new_id()
    foreign = DistrictDrawn(city_id=new_id(), district_id=district, version=1, polygon=())
    gone = DistrictRemoved(city_id=campaigns.city, district_id=new_id(), version=2)
    await campaigns.learn(foreign, gone)
    plan = {"city_id": str(campaigns.city), "name": "x", "starts_at": now.isoformat()}
    later = (now + timedelta(days=1)).isoformat()
    for wrong, field in (
        ({"ends_at": now.isoformat()}, "ends_at"),
        ({"ends_at": later.replace("+00:00", "")}, "ends_at"),
        ({"ends_at": later, "languages": ["es"]}, "languages.0"),
        ({"ends_at": later, "district_ids": [str(district)]}, "district_ids"),
        ({"ends_at": later, "district_ids": [str(gone.district_id)]}, "district_ids"),
        ({"ends_at": later, "kinds": ["bakery"]}, "kinds.0"),
    ):
        answer = await campaigns.post("campaigns", campaigns.as_officer(), plan | wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field), wrong


async def test_somebody_joins_a_campaign_once_under_a_pseudonym(campaigns: Campaigns) -> None:
    campaign, person = await campaigns.a_campaign("schedule"), uuid4()
    answers = await asyncio.gather(*(campaigns.join(campaign, person) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    (event,) = await campaigns.recorded(AmbassadorEnrolled)
    assert isinstance(event.fact, AmbassadorEnrolled)
    assert event.fact.contributor_id != person
    where = next(answer.headers["Location"] for answer in answers if answer.status_code == 201)
    mine = await campaigns.client.get(where, headers=campaigns.as_person(person))
    assert mine.json() == answers[0].json()
    assert (await campaigns.client.get(where, headers=campaigns.as_person(uuid4()))).status_code == 404


async def test_nobody_joins_what_is_over(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule", "start", "end")
    answer = await campaigns.join(campaign, uuid4())
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cococity:problem:campaign-not-open")
    assert (await campaigns.join({"id": str(uuid4())}, uuid4())).status_code == 404


async def test_two_clocks_start_and_end_what_is_due_exactly_once(campaigns: Campaigns) -> None:
    now = utc_now()
    soon = [
        await campaigns.a_campaign(
            "schedule",
            starts_at=(now + timedelta(seconds=1.5 + n / 100)).isoformat(),
            ends_at=(now + timedelta(seconds=2.5 + n / 100)).isoformat(),
        )
        for n in range(20)
    ]
    later = await campaigns.a_campaign("schedule")
    stop = asyncio.Event()
    clocks = [asyncio.create_task(clock.run(campaigns.database, stop)) for _ in range(2)]

    async def all_ended() -> bool:
        return len(await campaigns.recorded(CampaignEnded)) >= len(soon)

    await until(all_ended)
    stop.set()
    await asyncio.gather(*clocks)
    ids = {UUID(campaign["id"]) for campaign in soon}
    for fact in (CampaignStarted, CampaignEnded):
        moved = [event.fact.aggregate_id() for event in await campaigns.recorded(fact)]
        assert len(moved) == len(ids)
        assert set(moved) == ids
    shown = (await campaigns.client.get(f"/api/v1/campaigns/{soon[0]['id']}")).json()
    assert (shown["state"], shown["version"]) == ("ended", 4)
    assert shown["started_at"] >= soon[0]["starts_at"]
    assert (await campaigns.client.get(f"/api/v1/campaigns/{later['id']}")).json()["state"] == "scheduled"


async def test_the_clock_catches_up_and_does_not_begin_what_is_over(campaigns: Campaigns) -> None:
    now = utc_now()
    over = await campaigns.a_campaign(
        "schedule",
        starts_at=(now + timedelta(hours=1)).isoformat(),
        ends_at=(now + timedelta(hours=2)).isoformat(),
    )
    assert await clock.move_due(campaigns.database, now) == 0
    assert await clock.move_due(campaigns.database, now + timedelta(hours=3)) == 1
    assert await clock.move_due(campaigns.database, now + timedelta(hours=3)) == 0
    assert await campaigns.recorded(CampaignStarted) == []
    shown = (await campaigns.client.get(f"/api/v1/campaigns/{over['id']}")).json()
    assert (shown["state"], shown["started_at"]) == ("ended", None)


async def test_the_clock_leaves_alone_what_an_officer_is_just_changing(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule")
    late = utc_now() + timedelta(days=2)
    async with campaigns.database.transaction() as officer:
        await officer.execute(
            text("SELECT 1 FROM campaign WHERE id = :id FOR UPDATE"), {"id": UUID(campaign["id"])}
        )
        assert await clock.move_due(campaigns.database, late) == 0
    assert await clock.move_due(campaigns.database, late) == 1


@pytest.mark.parametrize("days", [0.5, 40])
async def test_the_clock_sleeps_until_the_next_due_time_and_never_long(
    campaigns: Campaigns, days: float
) -> None:
    now = utc_now()
    assert await clock.until_next_due(campaigns.database, now) == clock.LONGEST_SLEEP
    starts_at = now + timedelta(days=days)
    await campaigns.a_campaign(
        "schedule", starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(days=9)).isoformat()
    )
    just_before = starts_at - timedelta(milliseconds=300)
    assert await clock.until_next_due(campaigns.database, just_before) == timedelta(milliseconds=300)
