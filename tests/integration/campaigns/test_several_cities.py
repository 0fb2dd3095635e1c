"""A campaign of several cities: one runs it, each of the others decides for itself, and all count."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import CampaignScheduled, CampaignStarted
from contracts.directory.v1 import CityJoined, MerchantListed
from services.campaigns.main import HISTORY
from tests.support.campaigns import Campaigns


async def a_city(campaigns: Campaigns) -> tuple[UUID, UUID, dict[str, str]]:
    """Another city, a shop there, and its officer."""
    city, merchant = new_id(), new_id()
    listed = MerchantListed(
        city_id=city, merchant_id=merchant, version=1, kind="shop=tea", longitude=5.8, latitude=49.68
    )
    await campaigns.learn(CityJoined(city_id=city, nis_code="81001", version=1), listed)
    return city, merchant, campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=city))


async def put(campaigns: Campaigns, path: str, headers: dict[str, str], body: Any = None) -> int:
    answer = await campaigns.client.put(f"/api/v1/campaigns/{path}", json=body, headers=headers)
    return answer.status_code


async def test_what_is_contributed_in_a_city_that_accepted_counts_and_elsewhere_not(
    campaigns: Campaigns,
) -> None:
    here, person = await campaigns.a_merchant(), uuid4()
    (joining, there, officer), (silent, silent_shop, _) = [await a_city(campaigns) for _ in range(2)]
    draft, own = await campaigns.a_draft(), campaigns.as_officer()
    path = f"{draft['id']}/cities"
    for city in (joining, silent):
        assert await put(campaigns, f"{path}/{city}", own) == 204
    seen = await campaigns.client.get(f"/api/v1/campaigns/{draft['id']}", headers=officer)
    assert seen.status_code == 200  # whoever is to decide reads the draft
    assert (await campaigns.client.get(f"/api/v1/campaigns/{draft['id']}")).status_code == 404
    assert await put(campaigns, f"{path}/{silent}/answer", officer, {"accepted": True}) == 403
    assert await put(campaigns, f"{path}/{joining}/answer", officer, {"accepted": True}) == 204
    invited = await campaigns.client.get(f"/api/v1/campaigns/{path}", headers=officer)
    assert {each["city_id"]: each["accepted"] for each in invited.json()} == {
        str(joining): True, str(silent): None,
    }  # fmt: skip
    chosen = {"merchant_ids": [str(each) for each in (here, there, silent_shop)]}
    headers, at = {**own, "If-Match": "*"}, f"/api/v1/campaigns/{draft['id']}"
    assert (await campaigns.client.patch(at, json=chosen, headers=headers)).status_code == 200
    early = await campaigns.post(f"campaigns/{draft['id']}/schedule", own)
    assert (early.status_code, early.json()["field"]) == (422, "merchant_ids")  # a city that did not accept
    assert (await campaigns.client.patch(at, json={"merchant_ids": []}, headers=headers)).status_code == 200
    for step in ("schedule", "start"):
        assert (await campaigns.post(f"campaigns/{draft['id']}/{step}", own)).status_code == 200
    await campaigns.join(draft, person)
    counted = {each: (await campaigns.review(each, person)).json() for each in (here, there, silent_shop)}
    assert counted[here]["campaign_id"] == counted[there]["campaign_id"] == draft["id"]
    assert counted[silent_shop]["reason"] == "no-running-campaign"
    listed = await campaigns.client.get(f"{at}/merchants")
    assert {each["merchant_id"] for each in listed.json()["items"]} == {str(here), str(there)}
    for city, found in ((joining, [draft["id"]]), (silent, [])):
        for of in ("campaigns", "initiatives"):
            items = (await campaigns.client.get(f"/api/v1/{of}?city={city}")).json()["items"]
            assert [each["id"] for each in items] == found
    for fact in (CampaignScheduled, CampaignStarted):
        (event,) = await campaigns.recorded(fact)
        assert event.fact.city_ids == (joining,)  # type: ignore[attr-defined]
    async with campaigns.database.connection() as connection:
        again = [event async for event in HISTORY(connection)]
    assert sorted(again, key=lambda event: event.id) == await campaigns.recorded()
    assert await put(campaigns, f"{path}/{joining}/answer", officer, {"accepted": False}) == 409
    assert await put(campaigns, f"{path}/{new_id()}", own) == 409


async def test_only_cities_that_take_part_are_invited_and_an_invitation_is_taken_back(
    campaigns: Campaigns,
) -> None:
    await campaigns.a_merchant()
    city, _, officer = await a_city(campaigns)
    draft, own = await campaigns.a_draft(), campaigns.as_officer()
    path = f"{draft['id']}/cities"
    assert await put(campaigns, f"{path}/{campaigns.city}", own) == 422
    assert await put(campaigns, f"{path}/{new_id()}", own) == 422
    assert await put(campaigns, f"{path}/{city}", officer) == 403
    assert await put(campaigns, f"{path}/{city}/answer", officer, {"accepted": True}) == 404
    assert await put(campaigns, f"{path}/{city}", own) == 204
    gone = await campaigns.client.delete(f"/api/v1/campaigns/{path}/{city}", headers=own)
    assert gone.status_code == 204
    assert (await campaigns.client.get(f"/api/v1/campaigns/{path}", headers=officer)).status_code == 403


async def test_a_city_that_accepts_while_it_is_announced_takes_part_as_told_or_not_at_all(
    campaigns: Campaigns,
) -> None:
    await campaigns.a_merchant()
    city, _, officer = await a_city(campaigns)
    draft = await campaigns.a_draft()
    path = f"{draft['id']}/cities/{city}"
    assert await put(campaigns, path, campaigns.as_officer()) == 204
    accepted, announced = await asyncio.gather(
        put(campaigns, f"{path}/answer", officer, {"accepted": True}),
        campaigns.post(f"campaigns/{draft['id']}/schedule", campaigns.as_officer()),
    )
    assert announced.status_code == 200
    (event,) = await campaigns.recorded(CampaignScheduled)
    told = event.fact.city_ids  # type: ignore[attr-defined]
    assert (accepted, told) in ((204, (city,)), (409, ()))
