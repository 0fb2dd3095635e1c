"""At a glance what is said elsewhere and how it moved; and whose shops could use a word, at a pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.directory.v1 import DistrictDrawn, MerchantClosed, MerchantUpdated
from services.campaigns.elsewhere.domain import FoundCount, FoundPost, Measure, PostKind, Source
from services.campaigns.elsewhere.record import record_count, record_post
from services.campaigns.suggestions.pacing import pacing
from tests.support.campaigns import Campaigns

BASE = "/api/v1/elsewhere"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
LONG_AGO = date(2026, 10, 1)


async def note(campaigns: Campaigns, merchant: UUID, figure: float, day: date, source: Source) -> None:
    async with campaigns.database.transaction() as tx:
        count = FoundCount("google", Measure.REVIEWS, day, figure, source)
        await record_count(tx, merchant, count, campaigns.time())


async def say(campaigns: Campaigns, merchant: UUID | None, day: date, number: int = 1) -> None:
    post = FoundPost(
        "fediverse", f"https://mastodon.social/@ada/{number}", PostKind.POST, Source.OPEN, "#habay", day
    )
    async with campaigns.database.transaction() as tx:
        city = campaigns.city if merchant is None else None
        await record_post(tx, post, campaigns.time(), merchant_id=merchant, city_id=city)


async def glance(campaigns: Campaigns, **asked: Any) -> dict[str, Any]:
    answer = await campaigns.client.get(f"{BASE}/glance", params=asked, headers=campaigns.as_officer())
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(campaigns: Campaigns, **asked: str) -> int:
    """How many posts, page by page."""
    page = (await campaigns.client.get(f"{BASE}/posts", params={**asked, "limit": "1"})).json()
    if page["next"] is None:
        return len(page["items"])
    return len(page["items"]) + await listed(campaigns, **{**asked, "cursor": page["next"]})


async def in_a_district(campaigns: Campaigns, merchant: UUID) -> UUID:
    district = new_id()
    ring = ((5.6, 49.7), (5.7, 49.7), (5.7, 49.8), (5.6, 49.7))
    await campaigns.learn(
        DistrictDrawn(city_id=campaigns.city, district_id=district, version=1, polygon=(ring,)),
        MerchantUpdated(
            city_id=campaigns.city, merchant_id=merchant, version=2, kind="shop=bakery",
            longitude=5.65, latitude=49.72, district_ids=(district,),
        ),
    )  # fmt: skip
    return district


async def test_what_was_said_and_counted_is_seen_at_a_glance_by_shop_district_and_city(
    campaigns: Campaigns,
) -> None:
    shop, other, closed = [await campaigns.a_merchant() for _ in range(3)]
    district, campaigns.now = await in_a_district(campaigns, shop), NOON
    today = NOON.date()
    for merchant, before, now in ((shop, 12, 20), (other, None, 100), (closed, 1, 2)):
        if before is not None:
            await note(campaigns, merchant, before, LONG_AGO, Source.MERCHANT)
        await note(campaigns, merchant, now, today, Source.MERCHANT)
    await note(campaigns, shop, 21, today, Source.CONNECTED)
    await say(campaigns, shop, LONG_AGO, 2)
    for about in (shop, other, closed, None):
        await say(campaigns, about, today)
    await campaigns.learn(MerchantClosed(city_id=campaigns.city, merchant_id=closed, version=2))

    seen = {
        name: await glance(campaigns, **{name: asked})
        for name, asked in (("merchant", shop), ("district", district), ("city", campaigns.city))
    }
    assert seen["merchant"]["since"] == (today - timedelta(weeks=4)).isoformat()
    said = {name: [(each["posts"], each["new"]) for each in each["said"]] for name, each in seen.items()}
    assert said == {"merchant": [(2, 1)], "district": [(2, 1)], "city": [(4, 3)]}
    counted = {name: each["counted"][0] for name, each in seen.items()}
    moved = {name: (each["figure"], each["moved"], each["compared"]) for name, each in counted.items()}
    assert moved == {"merchant": (21, 9, 1), "district": (21, 9, 1), "city": (121, 9, 1)}
    assert counted["city"]["sources"] == ["connected-account", "merchant"]

    asked = {"merchant": str(shop), "district": str(district), "city": str(campaigns.city)}
    numbers = {name: await listed(campaigns, **{name: each}) for name, each in asked.items()}
    assert numbers == {"merchant": 2, "district": 2, "city": 4}
    wrong = await campaigns.client.get(f"{BASE}/posts", params=asked)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "merchant")


async def test_a_glance_is_taken_since_a_campaign_started(campaigns: Campaigns) -> None:
    shop, campaigns.now = await campaigns.a_merchant(), NOON - timedelta(days=10)
    campaign = await campaigns.a_campaign("schedule", "start")
    await note(campaigns, shop, 12, campaigns.now.date() - timedelta(days=1), Source.MERCHANT)
    campaigns.now = NOON
    await note(campaigns, shop, 15, NOON.date(), Source.MERCHANT)
    seen = await glance(campaigns, merchant=shop, campaign=campaign["id"])
    assert (seen["since"], seen["counted"][0]["moved"]) == ("2026-11-16", 3)
    path = f"{BASE}/glance?merchant={shop}&campaign={uuid4()}"
    assert (await campaigns.client.get(path, headers=campaigns.as_officer())).status_code == 404


async def _profile(campaigns: Campaigns, merchant: UUID, url: str) -> None:
    who = campaigns.as_officer()
    stated = await campaigns.post(f"elsewhere/merchants/{merchant}/profiles", who, {"url": url})
    assert stated.status_code == 201, stated.text


async def suggested(
    campaigns: Campaigns, person: UUID, headers: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    body = {"city_id": str(campaigns.city)}
    answer = await campaigns.post("elsewhere/suggestions", headers or campaigns.as_person(person), body)
    assert answer.status_code == 201, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_no_shop_gets_a_burst_however_many_ask_at_once(campaigns: Campaigns) -> None:
    campaigns.now, shops = NOON, [await campaigns.a_merchant() for _ in range(2)]
    for number, shop in enumerate(shops):
        await _profile(campaigns, shop, f"https://www.google.com/maps?cid={number}")
    yelp = await campaigns.a_merchant()
    await _profile(campaigns, yelp, "https://www.yelp.com/biz/x")
    people = [uuid4() for _ in range(6)]
    drawn = await asyncio.gather(*(suggested(campaigns, person) for person in people))
    told = Counter(each["merchant_id"] for items in drawn for each in items)
    assert set(told) == {str(shop) for shop in shops}
    assert max(told.values()) <= pacing().people_a_week
    assert all(len(items) <= pacing().shops_a_week for items in drawn)
    first = next(place for place, items in enumerate(drawn) if items)
    assert await suggested(campaigns, people[first]) == drawn[first]
    headers = campaigns.as_person(people[first])
    read = (await campaigns.client.get(f"{BASE}/suggestions", headers=headers)).json()["items"]
    assert read == drawn[first]
    # A week later there is room again, though not for whoever heard of the shop.
    campaigns.now = NOON + timedelta(days=7)
    heard = {each["merchant_id"] for each in drawn[first]}
    assert not heard & {each["merchant_id"] for each in await suggested(campaigns, people[first])}
    assert await suggested(campaigns, uuid4())


async def test_nobody_is_told_of_their_own_shop_of_one_that_opted_out_or_that_has_enough(
    campaigns: Campaigns,
) -> None:
    campaigns.now = NOON
    own, left, enough = [await campaigns.a_merchant() for _ in range(3)]
    for number, shop in enumerate((own, left, enough)):
        await _profile(campaigns, shop, f"https://mastodon.social/@shop{number}")
    grant = Grant(Role.merchant, campaigns.city, left)
    opted = await campaigns.client.put(
        f"/api/v1/campaign-opt-outs/{left}", headers=campaigns.issuer.headers(uuid4(), grant)
    )
    assert opted.status_code == 204
    for number in range(pacing().enough_in_a_week):
        await say(campaigns, enough, NOON.date(), number)
    headers = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, own))
    assert await suggested(campaigns, uuid4(), headers) == []
    assert [each["merchant_id"] for each in await suggested(campaigns, uuid4())] == [str(own)]
