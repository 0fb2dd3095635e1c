"""What officers see of their city and of its campaigns, and how little it costs to look again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.identity import Grant, Role
from chassis.ids import new_id
from contracts.directory.v1 import CityJoined, MerchantListed
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.dashboard import counting
from services.campaigns.elsewhere.domain import FoundPost, PostKind, Source
from services.campaigns.elsewhere.record import record_post
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Kind, Subject
from tests.support.campaigns import Campaigns


async def look(campaigns: Campaigns, path: str, **query: Any) -> dict[str, Any]:
    answer = await campaigns.client.get(
        f"/api/v1/dashboards/{path}", headers=campaigns.as_officer(), params=query
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def shop_in(campaigns: Campaigns, *districts: UUID, city: UUID | None = None) -> UUID:
    shop = new_id()
    listed = MerchantListed(
        city_id=city or campaigns.city, merchant_id=shop, version=1, kind="shop=tea", longitude=5.65,
        latitude=49.72, district_ids=districts,
    )  # fmt: skip
    await campaigns.learn(CityJoined(city_id=listed.city_id, nis_code="85046", version=1), listed)
    return shop


async def test_officers_see_what_is_done_in_their_city_and_what_of_it_counts_for_a_campaign(
    campaigns: Campaigns,
) -> None:
    old, new = new_id(), new_id()
    shops = [await shop_in(campaigns, *of) for of in ((old,), (old, new), (), (new,))]
    closed = await campaigns.a_merchant(closed=True)
    goals = [{"figure": "shares", "target": 2}]
    campaign = await campaigns.a_campaign("schedule", "start", goals=goals)
    ambassador, other = uuid4(), uuid4()
    await campaigns.join(campaign, ambassador)
    await campaigns.review(shops[0], ambassador)
    await campaigns.share(shops[0], ambassador)
    await campaigns.share(shops[2], other)  # outside of the campaign
    await campaigns.review(shops[1], other, tie="staff")  # praises its own shop
    await campaigns.review(shops[1], uuid4(), text="Voir www.example.be")  # waits for a moderator
    counter = VisitCounter(campaigns.database, campaigns.clock)
    counter.count(Subject(new_id(), Kind.SHARE, campaigns.city, shops[0], UUID(campaign["id"])), "one")
    await counter.close()
    await campaigns.client.put(f"/api/v1/follows/{shops[3]}", headers=campaigns.as_person(other))
    await campaigns.count()

    city, of_campaign = f"cities/{campaigns.city}", f"campaigns/{campaign['id']}"
    seen, today = await look(campaigns, city), str(brussels_day(campaigns.clock()))
    assert seen["actions"] == [
        {"kind": kind, "today": number, "total": number}
        for kind, number in (("follow", 1), ("review", 1), ("share", 2))
    ]
    assert {"day": today, "kind": "share", "counted": 2} in seen["action_days"]
    assert seen["visits"] == [{"kind": "share", "today": 1, "total": 1}]
    assert seen["ambassadors"]["active"] == 2
    assert [each["active"] for each in seen["ambassadors"]["weeks"]] == [2]
    assert seen["merchants"] == {"merchants": 4, "reached": 2, "actions": 3}
    assert {each["district_id"]: (each["merchants"], each["reached"]) for each in seen["districts"]} == {
        str(old): (2, 1), str(new): (2, 0), None: (1, 1),
    }  # fmt: skip
    goal = {"campaign_id": campaign["id"], **goals[0], "counted": 1, "reached_at": None}
    assert seen["goals"] == [goal]
    assert seen["moderation"] == {"open": 1, "overdue": 0, "decided": 0, "median_seconds": None}

    seen = await look(campaigns, of_campaign)
    assert {each["kind"]: each["total"] for each in seen["actions"]} == {"review": 1, "share": 1}
    assert (seen["ambassadors"]["active"], seen["merchants"]["reached"]) == (1, 1)
    assert (seen["goals"], seen["moderation"]["open"]) == ([goal], 0)

    first = await look(campaigns, f"{of_campaign}/not-reached", limit=2)
    rest = await look(campaigns, f"{of_campaign}/not-reached", limit=2, cursor=first["next"])
    assert [each["merchant_id"] for each in first["items"] + rest["items"]] == sorted(map(str, shops[1:]))
    missed = (await look(campaigns, f"{city}/not-reached"))["items"]
    assert {each["merchant_id"] for each in missed} == {str(shops[1]), str(shops[3])}
    assert str(closed) not in str(missed)


async def test_how_long_decisions_take_and_what_waits_for_too_long_is_seen(campaigns: Campaigns) -> None:
    began = campaigns.clock()
    for hours in (1, 3, 11):
        campaigns.now = began
        shop = await campaigns.a_merchant()
        await campaigns.review(shop, uuid4(), text="Voir www.example.be")
        (case,) = (
            await campaigns.client.get(
                f"/api/v1/moderation/cases?city={campaigns.city}", headers=campaigns.as_officer()
            )
        ).json()["items"]
        campaigns.now = began + timedelta(hours=hours)
        path = f"moderation/cases/{case['id']}/decision"
        answer = await campaigns.post(path, campaigns.as_officer(), {"outcome": "published"})
        assert answer.status_code == 201
    await campaigns.review(await campaigns.a_merchant(), uuid4(), text="Voir www.example.be")
    campaigns.now = began + timedelta(days=4)
    seen = (await look(campaigns, f"cities/{campaigns.city}"))["moderation"]
    assert seen == {"open": 1, "overdue": 1, "decided": 3, "median_seconds": 3 * 3600}
    campaigns.now = began + timedelta(days=40)
    assert (await look(campaigns, f"cities/{campaigns.city}"))["moderation"]["decided"] == 0


async def test_whoever_looks_again_is_told_that_nothing_changed_until_it_does(campaigns: Campaigns) -> None:
    shop, path = await campaigns.a_merchant(), f"/api/v1/dashboards/cities/{campaigns.city}"
    first = await campaigns.client.get(path, headers=campaigns.as_officer())
    headers = {**campaigns.as_officer(), "If-None-Match": f'"other", {first.headers["ETag"]}'}
    again = await campaigns.client.get(path, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    await campaigns.share(shop, uuid4())
    await campaigns.count()
    changed = await campaigns.client.get(path, headers=headers)
    assert (changed.status_code, changed.json()["merchants"]["reached"]) == (200, 1)


async def test_what_was_seen_elsewhere_stands_beside_and_in_no_other_figure(campaigns: Campaigns) -> None:
    shop, today = await campaigns.a_merchant(), brussels_day(campaigns.clock())
    async with campaigns.database.transaction() as tx:
        for number, days in enumerate((0, 40)):
            post = FoundPost(
                "fediverse", f"https://mastodon.example/@zoe/{number}", PostKind.REVIEW, Source.OPEN,
                "#habay", today - timedelta(days=days),
            )  # fmt: skip
            await record_post(tx, post, campaigns.time(), merchant_id=shop)
    await campaigns.count()
    seen = await look(campaigns, f"cities/{campaigns.city}", days=28)
    assert seen["elsewhere"] == [{"platform": "fediverse", "posts": 2, "new": 1}]
    assert (seen["actions"], seen["merchants"]["reached"]) == ([], 0)


async def test_only_officers_of_a_campaigns_cities_look_and_they_see_all_of_it(campaigns: Campaigns) -> None:
    campaign, joined = await campaigns.a_draft(), new_id()
    of_joined = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=joined))
    here, there, person = await shop_in(campaigns), await shop_in(campaigns, city=joined), uuid4()
    path = f"/api/v1/campaigns/{campaign['id']}/cities/{joined}"
    await campaigns.client.put(path, headers=campaigns.as_officer())
    await campaigns.client.put(f"{path}/answer", json={"accepted": True}, headers=of_joined)
    for step in ("schedule", "start"):
        await campaigns.post(f"campaigns/{campaign['id']}/{step}", campaigns.as_officer())
    await campaigns.join(campaign, person)
    for shop in (here, there):
        await campaigns.share(shop, person)
    await campaigns.count()
    at = f"/api/v1/dashboards/campaigns/{campaign['id']}"
    for headers in (campaigns.as_officer(), of_joined):
        seen = (await campaigns.client.get(at, headers=headers)).json()
        assert seen["merchants"] == {"merchants": 2, "reached": 2, "actions": 2}
        assert seen["ambassadors"]["active"] == 1
    elsewhere = campaigns.issuer.headers(uuid4(), Grant(Role.city_officer, city_id=new_id()))
    for refused in (at, f"{at}/not-reached", f"/api/v1/dashboards/cities/{campaigns.city}"):
        assert (await campaigns.client.get(refused, headers=elsewhere)).status_code == 403
    assert (await campaigns.client.get(f"{at}?days=0", headers=of_joined)).json()["field"] == "days"


@pytest.mark.parametrize("dies", [False, True])
async def test_the_worker_counts_within_two_seconds_also_after_the_database_was_away(
    campaigns: Campaigns, dies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dies:
        add_some, deaths = counting.add_some, iter([ConnectionError("away")])

        async def away_once(*given: Any) -> int:
            if (death := next(deaths, None)) is not None:
                raise death
            return await add_some(*given)

        monkeypatch.setattr(counting, "add_some", away_once)
    await campaigns.share(await campaigns.a_merchant(), uuid4())
    stop = asyncio.Event()
    worker = asyncio.create_task(counting.run(campaigns.database, stop))
    await asyncio.sleep(1.2)
    stop.set()
    await worker
    assert (await look(campaigns, f"cities/{campaigns.city}"))["merchants"]["reached"] == 1
