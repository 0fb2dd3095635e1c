"""What is announced changes little, and every change is told to officers and to whoever came second."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import CampaignExtended, CampaignScheduled
from tests.support.campaigns import Campaigns


async def patch(campaigns: Campaigns, campaign: dict[str, Any], seen: str, **change: Any) -> httpx.Response:
    headers = {**campaigns.as_officer(), "If-Match": seen}
    return await campaigns.client.patch(f"/api/v1/campaigns/{campaign['id']}", json=change, headers=headers)


async def test_a_later_end_is_told_and_everything_that_changed_is_kept(campaigns: Campaigns) -> None:
    campaign = await campaigns.a_campaign("schedule")
    later = (campaigns.clock() + timedelta(days=60)).isoformat()
    changed = await patch(campaigns, campaign, '"2"', ends_at=later, name="Six semaines")
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"3"'
    same = await patch(campaigns, campaign, '"3"', name="Six semaines")
    assert same.headers["ETag"] == '"3"'  # nothing changed, nothing is kept
    (event,) = await campaigns.recorded(CampaignExtended)
    assert isinstance(event.fact, CampaignExtended)
    assert (event.fact.version, event.fact.ends_at.isoformat()[:19]) == (3, later[:19])
    for field, value in (("kinds", ["shop=books"]), ("ends_at", campaign["ends_at"])):
        refused = await patch(campaigns, campaign, "*", **{field: value})
        assert (refused.status_code, refused.json()["field"]) == (409, field)
    path = f"/api/v1/campaigns/{campaign['id']}/changes"
    newest, *_, first = (await campaigns.client.get(path, headers=campaigns.as_officer())).json()["items"]
    assert (newest["version"], newest["state"], newest["person_id"]) == (
        3,
        "scheduled",
        str(campaigns.officer),
    )
    assert newest["changes"]["name"] == {"before": campaign["name"], "after": "Six semaines"}
    assert set(newest["changes"]) == {"name", "ends_at"}
    assert (first["version"], first["changes"]) == (1, {})
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    assert (await campaigns.client.get(path, headers=elsewhere)).status_code == 403
    await campaigns.post(f"campaigns/{campaign['id']}/end", campaigns.as_officer())
    over = await patch(campaigns, campaign, "*", name="Trop tard")
    assert (over.status_code, over.json()["state"]) == (409, "ended")


async def test_of_two_officers_who_edit_at_once_the_second_is_told_what_the_first_changed(
    campaigns: Campaigns,
) -> None:
    campaign = await campaigns.a_campaign("schedule")
    answers = await asyncio.gather(
        *(patch(campaigns, campaign, '"2"', name=name) for name in ("Le mois d'Habay", "Le mois d'Arlon"))
    )
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (first.status_code, second.status_code) == (200, 412)
    (meanwhile,) = second.json()["meanwhile"]
    assert meanwhile["version"] == 3
    assert meanwhile["changes"] == {"name": {"before": campaign["name"], "after": first.json()["name"]}}
    assert "person_id" not in meanwhile
    odd = await patch(campaigns, campaign, 'W/"3", "x", ""', name="Et celui-ci")
    assert (odd.status_code, len(odd.json()["meanwhile"])) == (412, 3)
    (told,) = await campaigns.recorded(CampaignScheduled)
    assert told.fact.version == 2  # type: ignore[attr-defined]
