"""Posts that citizens hand in: once each, shown once, taken back, reported; never worth a point."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select

from chassis.identity import Grant, Role
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from services.campaigns.handed_in.use_cases import BY_PERSON
from services.campaigns.points.tables import point_balance, point_entry
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

BASE = "/api/v1/elsewhere"
URL = "https://www.facebook.com/ada/posts/12"


async def hand_in(campaigns: Campaigns, merchant: UUID, person: UUID, **more: Any) -> httpx.Response:
    body = {"merchant_id": str(merchant), "url": URL, "kind": "post"} | more
    return await campaigns.post("elsewhere/posts", campaigns.as_person(person), body)


async def shown(campaigns: Campaigns, **asked: Any) -> list[dict[str, Any]]:
    answer = await campaigns.client.get(f"{BASE}/posts", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def withdraw(campaigns: Campaigns, post: str, person: UUID) -> int:
    headers = campaigns.as_person(person)
    return (await campaigns.client.delete(f"{BASE}/posts/mine/{post}", headers=headers)).status_code


async def mine(campaigns: Campaigns, person: UUID) -> list[dict[str, Any]]:
    path = f"{BASE}/posts/mine?language=nl"
    answer = await campaigns.client.get(path, headers=campaigns.as_person(person))
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_post_is_shown_once_whoever_hands_it_in_and_goes_with_the_last(
    campaigns: Campaigns,
) -> None:
    merchant, people = await campaigns.a_merchant(), [uuid4(), uuid4()]
    ways = [URL, "http://m.facebook.com/ada/posts/12/?mibextid=x"]
    said = await asyncio.gather(
        *(hand_in(campaigns, merchant, person, url=way) for person in people for way in ways)
    )
    assert sorted(each.status_code for each in said) == [201, 201, 409, 409]
    (post,) = await shown(campaigns, merchant=merchant)
    assert (post["url"], post["name"], post["source"]) == (URL, "Facebook", "citizen")
    other = await hand_in(campaigns, await campaigns.a_merchant(), people[0])
    assert (other.status_code, other.json()["type"]) == (409, "urn:cococity:problem:handed-in-already")
    gone = await asyncio.gather(*(withdraw(campaigns, post["id"], person) for person in [*people, *people]))
    assert sorted(gone) == [204, 204, 404, 404]
    assert await shown(campaigns, merchant=merchant) == await mine(campaigns, people[0]) == []
    assert (await hand_in(campaigns, merchant, people[0])).json()["id"] == post["id"]
    assert len(await campaigns.recorded(SeenElsewhere)) == 2
    assert len(await campaigns.recorded(SeenElsewhereTakenBack)) == 1


async def test_handing_in_changes_no_balance(campaigns: Campaigns) -> None:
    asks = [{"platform": "here", "action": "review", "reward": "points"}]
    campaign = await campaigns.a_campaign("schedule", "start", asks=asks)
    merchant, person = await campaigns.a_merchant(), uuid4()
    await campaigns.join(campaign, person)
    balance = select(func.coalesce(func.sum(point_balance.c.points), 0))
    entries = select(func.count()).select_from(point_entry)

    async def account() -> tuple[int, int]:
        async with campaigns.database.connection() as connection:
            return (await connection.execute(balance)).scalar_one(), (
                await connection.execute(entries)
            ).scalar_one()

    assert (await campaigns.review(merchant, person)).status_code == 201
    before = await account()
    assert before[0] > 0
    for number, kind in enumerate(("review", "photo", "video", "post")):
        handed = await hand_in(campaigns, merchant, person, url=f"{URL}{number}", kind=kind)
        assert handed.status_code == 201
    assert await account() == before
    await withdraw(campaigns, handed.json()["id"], person)
    assert await account() == before


async def test_who_runs_the_shop_is_its_own_source_and_no_citizen(campaigns: Campaigns) -> None:
    merchant = await campaigns.a_merchant()
    headers = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, merchant))
    body = {"merchant_id": str(merchant), "url": URL, "kind": "post"}
    assert (await campaigns.post("elsewhere/posts", headers, body)).json()["source"] == "merchant"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("url", {"url": "https://blog.be/x"}),
        ("url", {"url": "https://127.0.0.1/"}),
        ("url", {"url": "https://www.facebook.com/"}),
        ("url", {"url": "https://www.facebook.com@evil.be/x"}),
        ("url", {"url": "x" * 2_000}),
        ("kind", {"url": "https://www.tripadvisor.be/x", "kind": "video"}),
        ("kind", {"kind": "stars"}),
    ],
)
async def test_only_posts_on_known_platforms_are_taken(
    campaigns: Campaigns, field: str, said: dict[str, str]
) -> None:
    answer = await hand_in(campaigns, await campaigns.a_merchant(), uuid4(), **said)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_nobody_hands_in_more_in_a_day_than_they_saw(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    said = [await hand_in(campaigns, merchant, person, url=f"{URL}{number}") for number in range(11)]
    assert [each.status_code for each in said] == [201] * BY_PERSON.most + [429]


async def test_anybody_reports_and_what_officers_take_down_stays_away_with_its_reason(
    campaigns: Campaigns,
) -> None:
    merchant, author, reader = await campaigns.a_merchant(), uuid4(), uuid4()
    post = (await hand_in(campaigns, merchant, author)).json()["id"]
    path, body = f"elsewhere/posts/{post}/reports", {"ground": "insult", "text": "Un nom d'enfant"}
    as_reader = campaigns.as_person(reader)
    said = [await campaigns.post(path, who, body, str(uuid4())) for who in (as_reader, as_reader, {})]
    assert [each.status_code for each in said] == [201, 409, 201]
    officer, queue = campaigns.as_officer(), f"{BASE}/reports?city={campaigns.city}"
    waiting = (await campaigns.client.get(queue, headers=officer)).json()["items"]
    assert [(each["ground"]["key"], each["post"]["id"]) for each in waiting] == [("insult", post)] * 2
    removal = f"{BASE}/posts/{post}/removal"
    down = await campaigns.client.put(removal, json={"ground": "insult"}, headers=officer)
    assert down.status_code == 204
    assert (await campaigns.client.get(queue, headers=officer)).json()["items"] == []
    assert await shown(campaigns, merchant=merchant) == []
    (own,) = await mine(campaigns, author)
    assert (own["shown"], own["removed_for"]["key"]) == (False, "insult")
    again = await hand_in(campaigns, merchant, uuid4())
    assert (again.status_code, again.json()["type"]) == (409, "urn:cococity:problem:taken-down")
    assert (await campaigns.client.delete(removal, headers=officer)).status_code == 204
    assert len(await shown(campaigns, merchant=merchant)) == 1
    unknown = await campaigns.client.put(f"{BASE}/posts/{uuid4()}/removal", json=body, headers=officer)
    assert unknown.status_code in (404, 422)


async def test_what_nobody_stands_for_any_more_is_not_put_back(campaigns: Campaigns) -> None:
    merchant, author = await campaigns.a_merchant(), uuid4()
    post = (await hand_in(campaigns, merchant, author)).json()["id"]
    removal, officer = f"{BASE}/posts/{post}/removal", campaigns.as_officer()
    await campaigns.client.put(removal, json={"ground": "insult"}, headers=officer)
    assert await withdraw(campaigns, post, author) == 204
    await campaigns.client.delete(removal, headers=officer)
    assert await shown(campaigns, merchant=merchant) == []
    assert (await hand_in(campaigns, merchant, author)).status_code == 201


async def test_of_who_is_erased_the_address_stays_and_nothing_else(campaigns: Campaigns) -> None:
    merchant, person = await campaigns.a_merchant(), uuid4()
    post = (await hand_in(campaigns, merchant, person)).json()["id"]
    body = {"ground": "insult", "text": "Moi, Ada"}
    await campaigns.post(f"elsewhere/posts/{post}/reports", campaigns.as_person(person), body)
    data = "/api/v1/people/me/data/campaigns"
    own = (await campaigns.client.get(data, headers=campaigns.as_person(person))).json()["data"]
    assert own["posts elsewhere handed in"][0]["url"] == URL
    assert own["reports of posts elsewhere"][0]["text"] == "Moi, Ada"
    for _ in range(2):
        await deliver(campaigns.service, erasure_of(person))
    assert len(await shown(campaigns, merchant=merchant)) == 1
    queue = f"{BASE}/reports?city={campaigns.city}"
    (waiting,) = (await campaigns.client.get(queue, headers=campaigns.as_officer())).json()["items"]
    assert waiting["text"] is None
    await deliver(campaigns.service, erasure_of(uuid4(), closed=[merchant]))
    assert await shown(campaigns, merchant=merchant) == []
