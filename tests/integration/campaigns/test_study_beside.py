"""What a study says where a campaign is not alone: others beside it, and several cities in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.directory.v1 import CityJoined, MerchantListed
from services.campaigns.study.tables import study_member
from tests.integration.campaigns.studies import START, districts, shops, study, write
from tests.support.campaigns import Campaigns


async def begun(campaigns: Campaigns, districts: list[UUID], **plan: Any) -> dict[str, Any]:
    """A campaign in these districts that starts now; with a plan where one is given."""
    campaign = await campaigns.a_draft(district_ids=[str(each) for each in districts])
    if plan:
        assert (await write(campaigns, campaign, **plan)).status_code == 200
    for step in ("schedule", "start"):
        answer = await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
        assert answer.status_code == 200, answer.text
    return campaign


async def groups(campaigns: Campaigns, campaign: dict[str, Any]) -> tuple[set[UUID], set[UUID]]:
    """Shops with the campaign, and those it is compared with."""
    query = select(study_member).where(study_member.c.campaign_id == UUID(campaign["id"]))
    async with campaigns.database.connection() as connection:
        rows = (await connection.execute(query)).all()
    own = {row.merchant_id for row in rows if row.treated}
    return own, {row.merchant_id for row in rows} - own


async def test_shops_with_another_campaign_are_not_compared_with_and_later_ones_are_named(
    campaigns: Campaigns,
) -> None:
    campaigns.now = START
    drawn = await districts(campaigns, 4)
    places = [await shops(campaigns, west, 6) for west in range(4)]
    await begun(campaigns, drawn[1:2])
    campaign = await begun(campaigns, drawn[:1], outcomes=["assessment"])
    assert await groups(campaigns, campaign) == ({*places[0]}, {*places[2], *places[3]})
    assert (await study(campaigns, campaign)).json()["beside"] == []
    campaigns.now = START + timedelta(days=1)
    later = await begun(campaigns, [drawn[0], drawn[2]])
    (beside,) = (await study(campaigns, campaign)).json()["beside"]
    assert (beside["campaign_id"], beside["own"], beside["compared"]) == (later["id"], 6, 6)
    table = (await study(campaigns, campaign, ".csv")).text
    assert f"beside,{later['id']},comparison,,merchants,6" in table
    few = await campaigns.a_draft(merchant_ids=[str(places[3][0])])
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{few['id']}/{step}", campaigns.as_officer())
    named = {
        each["campaign_id"]: (each["own"], each["compared"])
        for each in (await study(campaigns, campaign)).json()["beside"]
    }
    assert named[few["id"]] == (None, None), "fewer than five would tell of single shops"


async def test_a_campaign_of_several_cities_is_studied_in_all_and_read_by_each(campaigns: Campaigns) -> None:
    campaigns.now = START
    drawn = await districts(campaigns, 1)
    here, other = await shops(campaigns, 0, 6), new_id()
    there = [new_id() for _ in range(6)]
    await campaigns.learn(
        CityJoined(city_id=other, nis_code="81001", version=1),
        *(
            MerchantListed(
                city_id=other, merchant_id=each, version=1, kind="shop=tea", longitude=5.5, latitude=0.5
            )
            for each in there
        ),
    )
    officer = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=other))
    campaign = await campaigns.a_draft(kinds=["shop=tea"])
    path = f"/api/v1/campaigns/{campaign['id']}"
    own = campaigns.as_officer()
    await campaigns.client.put(f"{path}/cities/{other}", headers=own)
    await campaigns.client.put(f"{path}/cities/{other}/answer", json={"accepted": True}, headers=officer)
    elsewhere = await write(campaigns, campaign, comparison_district_ids=[str(new_id())])
    assert (elsewhere.status_code, elsewhere.json()["field"]) == (422, "comparison_district_ids")
    assert (await write(campaigns, campaign, comparison_district_ids=[str(drawn[0])])).status_code == 200
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", own)
    assert await groups(campaigns, campaign) == ({*there}, {*here})
    for reader in (own, officer):
        answer = await campaigns.client.get(f"{path}/study", headers=reader)
        found = answer.json()["answers"][0]
        assert (found["campaign"]["merchants"], found["comparison"]["merchants"]) == (6, 6)
    stranger = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    assert (await campaigns.client.get(f"{path}/study", headers=stranger)).status_code == 403
