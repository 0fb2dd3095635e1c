"""Following a merchant: said twice it is done once, and who is gone follows nobody."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import httpx

from chassis.identity import Grant, Role
from contracts.campaigns.v1 import MerchantFollowed, MerchantUnfollowed
from contracts.directory.v1 import MerchantClosed
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


async def say(campaigns: Campaigns, method: str, merchant: UUID, person: UUID) -> httpx.Response:
    path = f"/api/v1/follows/{merchant}"
    return await campaigns.client.request(method, path, headers=campaigns.as_person(person))


async def followers(campaigns: Campaigns, merchant: UUID) -> int:
    return int((await campaigns.client.get(f"/api/v1/follows/{merchant}")).json()["followers"])


async def test_a_merchant_is_followed_and_left_once_however_often_it_is_said(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    said = await asyncio.gather(*(say(campaigns, "PUT", merchant, person) for _ in range(6)))
    assert {each.status_code for each in said} == {200}
    assert len({each.json()["since"] for each in said}) == 1
    await say(campaigns, "PUT", merchant, uuid4())
    assert await followers(campaigns, merchant) == 2
    left = await asyncio.gather(*(say(campaigns, "DELETE", merchant, person) for _ in range(6)))
    assert {each.status_code for each in left} == {204}
    assert await followers(campaigns, merchant) == 1
    await say(campaigns, "PUT", merchant, person)
    told = [type(event.fact) for event in await campaigns.recorded()]
    assert (told.count(MerchantFollowed), told.count(MerchantUnfollowed)) == (3, 1)
    followings = {event.fact.following_id for event in await campaigns.recorded(MerchantFollowed)}  # type: ignore[attr-defined]
    assert len(followings) == 3


async def test_ones_own_merchants_are_listed_in_pages_and_for_nobody_else(campaigns: Campaigns) -> None:
    person, merchants = uuid4(), [await campaigns.a_merchant() for _ in range(5)]
    for merchant in merchants:
        await say(campaigns, "PUT", merchant, person)
    await say(campaigns, "DELETE", merchants[0], person)
    seen: list[str] = []
    path: str | None = "/api/v1/follows?limit=3"
    while path:
        answer = await campaigns.client.get(path, headers=campaigns.as_person(person))
        seen += [each["merchant_id"] for each in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert seen == [str(each) for each in merchants[:0:-1]]
    nobody = await campaigns.client.get("/api/v1/follows", headers=campaigns.as_person(uuid4()))
    assert nobody.json()["items"] == []


async def test_no_shop_follows_itself_and_nobody_one_that_is_closed_or_unknown(campaigns: Campaigns) -> None:
    own, closed = await campaigns.a_merchant(), await campaigns.a_merchant()
    headers = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, own))
    assert (await campaigns.client.put(f"/api/v1/follows/{own}", headers=headers)).status_code == 403
    await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=closed, version=2))
    assert (await say(campaigns, "PUT", closed, uuid4())).status_code == 409
    assert (await campaigns.client.get(f"/api/v1/follows/{closed}")).status_code == 404
    assert (await say(campaigns, "PUT", uuid4(), uuid4())).status_code == 404
    assert await campaigns.recorded() == []


async def test_who_is_erased_follows_nobody_any_more(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    await say(campaigns, "PUT", merchant, person)
    data = "/api/v1/people/me/data/campaigns"
    own = (await campaigns.client.get(data, headers=campaigns.as_person(person))).json()["data"]
    assert [each["merchant_id"] for each in own["follows"]] == [str(merchant)]
    for _ in range(2):
        await deliver(campaigns.service, erasure_of(person))
    assert await followers(campaigns, merchant) == 0
    assert len(await campaigns.recorded(MerchantUnfollowed)) == 1
