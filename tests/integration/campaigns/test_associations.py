"""An association's campaign: run by its officers where all of it lies in their districts, nowhere else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import CampaignEnded, CampaignScheduled, CampaignStarted
from contracts.directory.v1 import CityJoined
from tests.support.campaigns import Campaigns

OURS, OURS_TOO, THEIRS = (new_id() for _ in range(3))
DRAW = {"platform": "here", "action": "photo", "reward": "prize-draw"}


def association(campaigns: Campaigns, *districts: UUID, city: UUID | None = None) -> dict[str, str]:
    """An officer of one, with these districts."""
    where = city or campaigns.city
    grants = [Grant(Role.association_officer, where, district_id=each) for each in districts]
    return campaigns.issuer.headers(uuid4(), *grants)


def within(*districts: UUID) -> dict[str, Any]:
    return {"district_ids": [str(each) for each in districts]}


async def drafted(campaigns: Campaigns, headers: dict[str, str], **plan: Any) -> httpx.Response:
    template = {
        "city_id": str(campaigns.city),
        "name": "Nocturne de la rue Neuve",
        "starts_at": "2027-03-01T08:00:00Z",
        "ends_at": "2027-04-01T08:00:00Z",
    }
    return await campaigns.post("campaigns", headers, template | plan)


async def revised(
    campaigns: Campaigns, campaign: dict[str, Any], headers: dict[str, str], **changed: Any
) -> httpx.Response:
    return await campaigns.client.patch(
        f"/api/v1/campaigns/{campaign['id']}", json=changed, headers={**headers, "If-Match": "*"}
    )


async def found_by(
    campaigns: Campaigns, campaign: dict[str, Any], headers: dict[str, str]
) -> tuple[int, list[str]]:
    """The status of reading it, and which the list shows."""
    one = await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}", headers=headers)
    several = await campaigns.client.get("/api/v1/campaigns", headers=headers)
    return one.status_code, [each["id"] for each in several.json()["items"]]


def refused(answer: httpx.Response, field: str | None = None) -> bool:
    return (answer.status_code, answer.json().get("field")) == (403, field)


async def test_an_association_plans_and_runs_a_campaign_in_its_districts(campaigns: Campaigns) -> None:
    await campaigns.learn(CityJoined(city_id=campaigns.city, nis_code="85046", version=1))
    officer = association(campaigns, OURS, OURS_TOO)
    goals = [{"figure": "reviews", "target": 10}]
    draft = (await drafted(campaigns, officer, **within(OURS), goals=goals)).json()
    path = f"campaigns/{draft['id']}"
    assert await found_by(campaigns, draft, officer) == (200, [draft["id"]])
    assert await found_by(campaigns, draft, campaigns.as_officer()) == (200, [draft["id"]])
    both = await revised(campaigns, draft, officer, **within(OURS, OURS_TOO))
    assert (both.status_code, both.json()["district_ids"]) == (200, [str(OURS), str(OURS_TOO)])
    yelp = [{"platform": "yelp", "action": "review"}]
    assert (await revised(campaigns, draft, officer, asks=yelp)).status_code == 200
    against = await campaigns.post(f"{path}/schedule", officer)
    assert (against.status_code, against.json()["type"]) == (409, "urn:cococity:problem:policy-refuses")
    assert (await revised(campaigns, draft, officer, asks=[])).status_code == 200
    for step in ("schedule", "start"):
        assert (await campaigns.post(f"{path}/{step}", officer)).status_code == 200
    progress = await campaigns.client.get(f"/api/v1/{path}/progress", headers=officer)
    assert [goal["target"] for goal in progress.json()["goals"]] == [10]
    assert (await campaigns.post(f"{path}/end", officer)).json()["state"] == "ended"
    changes = await campaigns.client.get(f"/api/v1/{path}/changes", headers=officer)
    told = [each["state"] for each in changes.json()["items"]]
    assert told == ["ended", "running", "scheduled", "draft", "draft", "draft", "draft"]
    for fact in (CampaignScheduled, CampaignStarted, CampaignEnded):
        assert len(await campaigns.recorded(fact)) == 1
    concluded = {"conclusion": "On continue."}
    assert refused(await campaigns.post(f"{path}/evaluate", officer, concluded))
    assert (await campaigns.post(f"{path}/evaluate", campaigns.as_officer(), concluded)).status_code == 200


async def test_an_association_plans_nothing_beyond_its_districts(campaigns: Campaigns) -> None:
    officer = association(campaigns, OURS)
    for plan in (within(), within(THEIRS), within(OURS, THEIRS)):
        assert refused(await drafted(campaigns, officer, **plan), "district_ids"), plan
    assert refused(await drafted(campaigns, officer, **within(OURS), city_id=str(new_id())), "city_id")
    of_a_shop = campaigns.issuer.headers(
        uuid4(), Grant(Role.association_officer, campaigns.city, merchant_id=new_id())
    )
    assert refused(await drafted(campaigns, of_a_shop, **within(OURS)), "district_ids")
    draft = (await drafted(campaigns, officer, **within(OURS))).json()
    for beyond in (within(), within(THEIRS), within(OURS, THEIRS)):
        assert refused(await revised(campaigns, draft, officer, **beyond), "district_ids"), beyond
    kept = await campaigns.client.get(f"/api/v1/campaigns/{draft['id']}", headers=officer)
    assert (kept.json()["version"], kept.json()["district_ids"]) == (1, [str(OURS)])


@pytest.mark.parametrize("area", [(), (THEIRS,), (OURS, THEIRS)], ids=["city", "theirs", "partly ours"])
async def test_an_association_neither_sees_nor_touches_a_draft_that_is_not_its_own(
    campaigns: Campaigns, area: tuple[UUID, ...]
) -> None:
    draft, officer = await campaigns.a_draft(**within(*area)), association(campaigns, OURS)
    assert await found_by(campaigns, draft, officer) == (404, [])
    # Not by making it theirs, either.
    assert refused(await revised(campaigns, draft, officer, **within(OURS)))
    for step in ("schedule", "start", "end"):
        assert refused(await campaigns.post(f"campaigns/{draft['id']}/{step}", officer))
    changes = await campaigns.client.get(f"/api/v1/campaigns/{draft['id']}/changes", headers=officer)
    assert refused(changes)


async def test_districts_of_another_city_open_no_draft_here(campaigns: Campaigns) -> None:
    draft = await campaigns.a_draft(**within(OURS))
    assert await found_by(campaigns, draft, association(campaigns, OURS, city=new_id())) == (404, [])


async def test_the_city_changes_and_ends_what_an_association_runs(campaigns: Campaigns) -> None:
    officer, city = association(campaigns, OURS), campaigns.as_officer()
    running = (await drafted(campaigns, officer, **within(OURS))).json()
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{running['id']}/{step}", officer)
    assert (await revised(campaigns, running, city, name="Autrement")).status_code == 200
    ended = await campaigns.post(f"campaigns/{running['id']}/end", city)
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")


async def test_the_ground_of_a_draw_is_stated_by_the_city_alone(campaigns: Campaigns) -> None:
    officer, ground = association(campaigns, OURS), "Autorisation du collège du 3 février 2027"
    stated = await drafted(campaigns, officer, **within(OURS), asks=[DRAW], legal_ground=ground)
    assert refused(stated, "legal_ground")
    draft = (await drafted(campaigns, officer, **within(OURS), asks=[DRAW])).json()
    schedule = f"campaigns/{draft['id']}/schedule"
    assert (await campaigns.post(schedule, officer)).status_code == 409
    assert refused(await revised(campaigns, draft, officer, legal_ground=ground), "legal_ground")
    by_city = await revised(campaigns, draft, campaigns.as_officer(), legal_ground=ground)
    assert by_city.status_code == 200
    assert (await revised(campaigns, draft, officer, name="Avec tirage")).status_code == 200
    assert (await campaigns.post(schedule, officer)).status_code == 200
