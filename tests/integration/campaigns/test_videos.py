"""Videos as links: once for each person, told without their address."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from contracts.campaigns.v1 import AmbassadorVideoPosted, ContributionWithdrawn
from services.campaigns.contributions.domain import Standing
from tests.support.campaigns import Campaigns

LINKS = [
    "https://youtu.be/dQw4w9WgXcQ?si=x",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "https://youtube.com/shorts/dQw4w9WgXcQ",
]


async def link(campaigns: Campaigns, merchant: UUID, person: UUID, url: str) -> httpx.Response:
    body = {"merchant_id": str(merchant), "url": url}
    return await campaigns.post("contributions/videos", campaigns.as_person(person), body)


async def test_a_person_links_a_video_once_however_it_is_written_and_for_whichever_shop(
    campaigns: Campaigns,
) -> None:
    person, shops = uuid4(), [await campaigns.a_merchant() for _ in LINKS]
    answers = await asyncio.gather(
        *(link(campaigns, shop, person, url) for shop, url in zip(shops, LINKS, strict=True))
    )
    assert sorted(each.status_code for each in answers) == [201, 409, 409]
    (body,) = [each.json() for each in answers if each.status_code == 201]
    assert {each.json()["contribution_id"] for each in answers if each.status_code == 409} == {body["id"]}
    assert (body["platform"], body["url"]) == ("youtube", LINKS[1])
    (event,) = await campaigns.recorded()
    assert isinstance(event.fact, AmbassadorVideoPosted)
    path = f"/api/v1/contributions?merchant={body['merchant_id']}&kind=video"
    assert [each["url"] for each in (await campaigns.client.get(path)).json()["items"]] == [LINKS[1]]

    own = f"/api/v1/contributions/{body['id']}"
    await campaigns.client.delete(own, headers=campaigns.as_person(person))
    assert len(await campaigns.recorded(ContributionWithdrawn)) == 1
    async with campaigns.database.connection() as connection:
        assert await connection.scalar(text("SELECT url FROM video")) == ""
    assert (await link(campaigns, shops[0], person, LINKS[0])).status_code == 201


async def test_a_removed_video_comes_back_neither_once_withdrawn_nor_for_another_shop(
    campaigns: Campaigns,
) -> None:
    person, merchant = uuid4(), await campaigns.a_merchant()
    removed = (await link(campaigns, merchant, person, LINKS[0])).json()["id"]
    await campaigns.change_standing(removed, Standing.REMOVED)
    await campaigns.client.delete(f"/api/v1/contributions/{removed}", headers=campaigns.as_person(person))

    for shop in (merchant, await campaigns.a_merchant()):
        again = await link(campaigns, shop, person, LINKS[1])
        assert (again.status_code, again.json()["contribution_id"]) == (409, removed)


async def test_an_unknown_address_is_refused_by_its_field(campaigns: Campaigns) -> None:
    refused = await link(campaigns, await campaigns.a_merchant(), uuid4(), "https://evil.example/v")
    assert (refused.status_code, refused.json()["field"]) == (422, "url")
