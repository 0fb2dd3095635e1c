"""Campaigns for chosen merchants, and merchants that want no part in one, or in any."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import utc_now
from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.campaigns.v1 import CampaignStarted
from contracts.directory.v1 import MerchantListed
from services.campaigns.contributions.domain import Channel, Reason, Share
from services.campaigns.contributions.use_cases.post import post
from services.campaigns.opt_outs.use_cases import leave
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

PATH = "/api/v1/campaign-opt-outs"


def of_the_shop(campaigns: Campaigns, merchant: UUID, role: Role = Role.merchant) -> dict[str, str]:
    return campaigns.issuer.headers(uuid4(), Grant(role, merchant_id=merchant))


async def counted(campaigns: Campaigns, merchant: UUID, person: UUID, channel: str) -> str | None:
    """The campaign that a share counts for, or why none."""
    answer = (await campaigns.share(merchant, person, channel)).json()
    found: str | None = answer["campaign_id"] or answer["reason"]
    return found


async def test_a_campaign_for_chosen_merchants_counts_for_these_alone(campaigns: Campaigns) -> None:
    chosen, other = await campaigns.a_merchant(), await campaigns.a_merchant()
    campaign = await campaigns.a_campaign("schedule", "start", merchant_ids=[str(chosen), str(chosen)])
    assert campaign["merchant_ids"] == [str(chosen)]
    person = uuid4()
    await campaigns.join(campaign, person)
    assert await counted(campaigns, chosen, person, "mail") == campaign["id"]
    assert await counted(campaigns, other, person, "mail") == "outside-area"
    (event,) = await campaigns.recorded(CampaignStarted)
    assert isinstance(event.fact, CampaignStarted)
    assert event.fact.merchant_ids == (chosen,)
    closed = await campaigns.a_merchant(closed=True)
    foreign = new_id()
    place = {"kind": "shop=tea", "longitude": 5.0, "latitude": 49.0}
    await campaigns.learn(MerchantListed(city_id=new_id(), merchant_id=foreign, version=1, **place))  # type: ignore[arg-type]
    plan = {key: campaign[key] for key in ("city_id", "name", "starts_at", "ends_at")}
    for wrong in (closed, foreign):
        body = plan | {"merchant_ids": [str(chosen), str(wrong)]}
        answer = await campaigns.post("campaigns", campaigns.as_officer(), body)
        assert (answer.status_code, answer.json()["field"]) == (422, "merchant_ids")


async def test_a_shop_opts_out_of_one_or_all_and_comes_back(campaigns: Campaigns) -> None:
    merchant, other, person = await campaigns.a_merchant(), await campaigns.a_merchant(), uuid4()
    first, second = [
        await campaigns.a_campaign(
            "schedule", "start", ends_at=(campaigns.clock() + timedelta(days=days)).isoformat()
        )
        for days in (9, 19)
    ]
    for campaign in (first, second):
        await campaigns.join(campaign, person)
    owner = of_the_shop(campaigns, merchant)
    one, every = f"{PATH}/{merchant}/{first['id']}", f"{PATH}/{merchant}"

    async def ask(method: str, path: str) -> None:
        for _ in range(2):  # the same, however often
            assert (await campaigns.client.request(method, path, headers=owner)).status_code == 204

    async def suggested(campaign: dict[str, Any]) -> set[str]:
        answer = await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}/merchants")
        return {each["merchant_id"] for each in answer.json()["items"]}

    assert await counted(campaigns, merchant, person, "mail") == first["id"]
    await ask("PUT", one)
    assert await counted(campaigns, merchant, person, "sms") == second["id"]
    assert await suggested(first) == {str(other)}
    assert await suggested(second) == {str(merchant), str(other)}
    await ask("PUT", every)
    assert await counted(campaigns, merchant, person, "facebook") == "merchant-opted-out"
    assert await counted(campaigns, other, person, "facebook") == first["id"]
    assert await suggested(second) == {str(other)}
    shown = (await campaigns.client.get(every, headers=owner)).json()
    assert [each["campaign_id"] for each in shown] == [first["id"], None]
    await ask("DELETE", every)
    assert await counted(campaigns, merchant, person, "instagram") == second["id"]
    await ask("DELETE", one)
    assert await counted(campaigns, merchant, person, "whatsapp") == first["id"]
    assert (await campaigns.client.get(every, headers=owner)).json() == []


async def test_officers_see_which_shops_opted_out_and_nobody_speaks_for_another(campaigns: Campaigns) -> None:
    merchant, draft = await campaigns.a_merchant(), await campaigns.a_draft()
    campaign = await campaigns.a_campaign("schedule")
    staff = of_the_shop(campaigns, merchant, Role.merchant_staff)
    other = of_the_shop(campaigns, uuid4())
    for campaign_id, status in ((campaign["id"], 204), (draft["id"], 404), (uuid4(), 404)):
        answer = await campaigns.client.put(f"{PATH}/{merchant}/{campaign_id}", headers=staff)
        assert answer.status_code == status
    assert (await campaigns.client.put(f"{PATH}/{merchant}", headers=other)).status_code == 403
    nowhere = uuid4()
    unknown = await campaigns.client.put(f"{PATH}/{nowhere}", headers=of_the_shop(campaigns, nowhere))
    assert unknown.status_code == 404
    query = {"city": str(campaigns.city), "campaign": campaign["id"]}
    listed = await campaigns.client.get(PATH, params=query, headers=campaigns.as_officer())
    assert [each["merchant_id"] for each in listed.json()["items"]] == [str(merchant)]
    elsewhere = {"city": str(uuid4())}
    refused = await campaigns.client.get(PATH, params=elsewhere, headers=campaigns.as_officer())
    assert refused.status_code == 403
    await deliver(campaigns.service, erasure_of(uuid4(), closed=(merchant,)))
    gone = await campaigns.client.get(PATH, params=query, headers=campaigns.as_officer())
    assert gone.json()["items"] == []


async def test_an_opt_out_waits_for_who_is_posting_and_is_seen_by_who_waited_for_it(
    campaigns: Campaigns,
) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    campaign = await campaigns.a_campaign("schedule", "start")
    await campaigns.join(campaign, person)
    path, owner = f"{PATH}/{merchant}", of_the_shop(campaigns, merchant)
    async with campaigns.database.transaction() as tx:
        before = await post(tx, person, merchant, Share(Channel.MAIL), utc_now())
        leaving = asyncio.create_task(campaigns.client.put(path, headers=owner))
        await asyncio.sleep(0.2)
        assert not leaving.done()
    assert (await leaving).status_code == 204
    (stored,) = (await campaigns.client.get(path, headers=owner)).json()
    assert str(before.counting.campaign_id) == campaign["id"]
    assert stored["opted_out_at"] >= before.posted_at.isoformat()[:19]
    assert (await campaigns.client.delete(path, headers=owner)).status_code == 204

    async def another() -> Reason | None:
        async with campaigns.database.transaction() as tx:
            return (await post(tx, person, merchant, Share(Channel.SMS), utc_now())).counting.reason

    async with campaigns.database.transaction() as tx:
        await leave(tx, merchant, None, utc_now)
        posting = asyncio.create_task(another())
        await asyncio.sleep(0.2)
        assert not posting.done()
    assert await posting is Reason.OPTED_OUT
