"""Links that bring visits earn points: once for a link and day, so many a day, from what was counted."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from chassis.identity import Grant, Role
from contracts.campaigns.v1 import AmbassadorWeekCounted
from contracts.directory.v1 import MerchantClaimed
from contracts.envelope import Event
from services.campaigns.contributions.domain import Standing
from services.campaigns.points.domain import LEAST_VISITORS, RULES
from services.campaigns.points.tables import deed, point_entry
from services.campaigns.policy.domain import Action
from services.campaigns.thanks import count_week, week_over
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Kind, Subject
from services.campaigns.visits.telling import tell_some
from tests.integration.campaigns.test_points import accounts, an_ambassador, own
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of
from tests.support.pictures import photo

SHARES = [{"platform": "here", "action": "share", "reward": "points"}]
EACH, A_DAY = RULES[Action.SHARE].points, RULES[Action.SHARE].a_day


async def a_game(campaigns: Campaigns, **changed: Any) -> dict[str, Any]:
    campaigns.now = datetime(2026, 6, 1, 10, tzinfo=UTC)
    return await campaigns.a_campaign("schedule", "start", **{"asks": SHARES} | changed)


async def a_link(campaigns: Campaigns, person: UUID, **to: Any) -> Subject:
    to = to or {"merchant_id": await campaigns.a_merchant()}
    body = {name: str(value) for name, value in to.items()}
    made = await campaigns.post("share-links", campaigns.as_person(person), body)
    assert made.status_code == 201, made.text
    async with campaigns.database.connection() as connection:
        code = {"code": made.json()["code"]}
        link_id = await connection.scalar(text("SELECT id FROM share_link WHERE code = :code"), code)
    return Subject(link_id, Kind.SHARE, campaigns.city, **to)


async def visited(campaigns: Campaigns, *links: Subject, by: int = LEAST_VISITORS) -> None:
    """Each by so many, once more than enough; told of twice, at once and later."""
    counter = VisitCounter(campaigns.database, campaigns.clock)
    for link in links:
        for visitor in range(by):
            counter.count(link, f"203.0.113.{visitor} Safari")
            counter.count(link, f"203.0.113.{visitor} Safari")
    await counter.flush()
    await counter.close()
    await tell(campaigns)


async def tell(campaigns: Campaigns, *, later: int = 11) -> None:
    assert campaigns.now is not None
    campaigns.now += timedelta(seconds=later)
    await tell_some(campaigns.database, campaigns.time())


async def test_a_link_earns_once_a_day_when_enough_different_visitors_came(campaigns: Campaigns) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    link = await a_link(campaigns, person)
    totals = []
    for visitors in (LEAST_VISITORS - 1, LEAST_VISITORS, LEAST_VISITORS + 5):
        await visited(campaigns, link, by=visitors)
        totals.append((await own(campaigns, campaign, person))["points"])
    campaigns.now = datetime(2026, 6, 2, 21, 59, 50, tzinfo=UTC)
    await visited(campaigns, link)  # told of when the day is over in Brussels
    (tomorrow, entry) = (await own(campaigns, campaign, person, "/entries"))["items"]

    assert totals == [0, EACH, EACH]
    assert (entry["action"], entry["why"], entry["contribution_id"]) == ("share", "earned", None)
    assert tomorrow["cause"] != entry["cause"]
    assert await accounts(campaigns, campaign, person) == (2 * EACH,) * 3
    async with campaigns.database.connection() as connection:
        days = (await connection.execute(select(deed.c.at).order_by(deed.c.at))).scalars().all()
    assert [day.day for day in days] == [1, 2], "of the day on which they came"


async def test_of_a_day_so_many_links_earn_whichever_process_tells_of_them(campaigns: Campaigns) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    links = [await a_link(campaigns, person) for _ in range(A_DAY + 1)]
    links.append(await a_link(campaigns, person, campaign_id=UUID(campaign["id"])))
    counter = VisitCounter(campaigns.database, campaigns.clock)
    for link in links:
        for visitor in range(LEAST_VISITORS):
            counter.count(link, f"203.0.113.{visitor} Safari")
    await counter.close()

    await asyncio.gather(*(tell_some(campaigns.database, campaigns.time()) for _ in range(4)))

    assert await accounts(campaigns, campaign, person) == (A_DAY * EACH,) * 3
    badges = (await own(campaigns, campaign, person))["badges"]
    assert "three-shops" in [each["key"] for each in badges]
    game = (await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}/game")).json()
    assert game["points"] == [{"action": "share", "points": EACH, "a_day": A_DAY, "visitors": LEAST_VISITORS}]


async def test_a_link_that_counts_for_no_campaign_earns_nothing(campaigns: Campaigns) -> None:
    game = await a_game(campaigns)
    shop = await campaigns.a_merchant()
    passer_by, tied, waiting, ambassador = (uuid4() for _ in range(4))
    ties = [{"merchant_id": str(shop), "tie": "family"}]
    await campaigns.join(game, tied, ties=ties)
    await campaigns.join(game, ambassador)
    elsewhere = await campaigns.a_merchant("shop=books")
    links = [
        await a_link(campaigns, passer_by, merchant_id=shop),
        await a_link(campaigns, tied, merchant_id=shop),
        await a_link(campaigns, ambassador, merchant_id=elsewhere),
    ]
    owner = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, elsewhere))
    path = f"/api/v1/campaign-opt-outs/{elsewhere}/{game['id']}"
    assert (await campaigns.client.put(path, headers=owner)).status_code < 300
    plain = await campaigns.a_campaign("schedule", "start", asks=[])
    await campaigns.join(plain, waiting)
    links.append(await a_link(campaigns, waiting, campaign_id=UUID(plain["id"])))

    await visited(campaigns, *links)

    async with campaigns.database.connection() as connection:
        assert (await connection.execute(select(deed))).all() == []
        assert (await connection.execute(select(point_entry))).all() == []


async def test_whatever_is_visited_and_told_when_the_accounts_agree_with_what_was_counted(
    campaigns: Campaigns,
) -> None:
    chance = random.Random("visits")
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    links = [await a_link(campaigns, person) for _ in range(6)]
    counters = [VisitCounter(campaigns.database, campaigns.clock) for _ in range(2)]
    for _ in range(40):
        for link in chance.sample(links, 2):
            visitor = f"203.0.113.{chance.randrange(8)} Safari"
            chance.choice(counters).count(link, visitor)
        if chance.random() < 0.6:
            await chance.choice(counters).flush()
        await tell(campaigns, later=chance.randrange(2 * 3600))
    await asyncio.gather(*(counter.close() for counter in counters))
    await tell(campaigns)

    balance, booked, recounted = await accounts(campaigns, campaign, person)

    async with campaigns.database.connection() as connection:
        query = text("SELECT id FROM visit_day WHERE kind = 'share' AND visitors >= :least")
        enough = set((await connection.execute(query, {"least": LEAST_VISITORS})).scalars())
        noted = set((await connection.execute(select(deed.c.id))).scalars())
    assert noted == enough
    assert balance == booked == recounted > A_DAY * EACH


async def test_what_links_brought_is_shown_to_their_author_and_forgets_an_erased_shop(
    campaigns: Campaigns,
) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    shop = await campaigns.a_merchant()
    await visited(campaigns, await a_link(campaigns, person, merchant_id=shop))
    headers = campaigns.as_person(person)

    before = (await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=headers)).json()["data"]
    await deliver(campaigns.service, erasure_of(uuid4(), closed=[shop]))
    after = (await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=headers)).json()["data"]

    def shops(data: dict[str, Any]) -> list[str | None]:
        return [each["merchant_id"] for each in data["days on which links brought visits, and corrections"]]

    assert (shops(before), shops(after)) == ([str(shop)], [None])
    assert await accounts(campaigns, campaign, person) == (EACH,) * 3


async def test_what_came_of_a_week_is_told_once_to_each_of_whose_doing_something_came(
    campaigns: Campaigns,
) -> None:
    monday = datetime(2026, 6, 1, 10, tzinfo=UTC)
    campaigns.now, week = monday, monday.date()
    person, removed, merchant = uuid4(), uuid4(), await campaigns.a_merchant()
    review = (await campaigns.review(merchant, person)).json()["id"]
    gone = (await campaigns.review(merchant, removed)).json()["id"]
    await campaigns.change_standing(gone, Standing.REMOVED)
    await visited(campaigns, await a_link(campaigns, person, merchant_id=merchant), by=3)
    claimed = MerchantClaimed(city_id=campaigns.city, merchant_id=merchant, version=2)
    handed_on = MerchantClaimed(city_id=campaigns.city, merchant_id=merchant, version=3)
    for fact, day in ((claimed, 1), (handed_on, 8)):
        await deliver(campaigns.service, Event.of(fact, monday + timedelta(days=day)))
    shop = campaigns.issuer.headers(uuid4(), Grant(Role.merchant, campaigns.city, merchant))
    campaigns.now = monday + timedelta(days=2)
    answered = await campaigns.post(f"contributions/{review}/answer", shop, {"text": "Merci"})
    assert answered.status_code == 201
    earlier = (await campaigns.photos(merchant, person, photo())).json()["id"]
    path = f"/api/v1/contributions/{earlier}/reuse"
    assert (await campaigns.client.put(path, headers=shop)).status_code == 200
    async with campaigns.database.connection() as connection:
        visits = await connection.scalar(text("SELECT sum(visits) FROM visit_day"))

    sunday_over = datetime(2026, 6, 8, 4, tzinfo=UTC)  # six on clocks in Brussels
    assert week_over(sunday_over - timedelta(seconds=1)) == week - timedelta(weeks=1)
    assert week_over(sunday_over) == week
    told = await asyncio.gather(*(count_week(campaigns.database, week, sunday_over) for _ in range(3)))
    assert (sum(told), await count_week(campaigns.database, week, sunday_over)) == (1, 0)
    (event,) = await campaigns.recorded(AmbassadorWeekCounted)
    counted = event.fact
    assert isinstance(counted, AmbassadorWeekCounted)
    assert (counted.week, counted.contributions, counted.answers) == (week, 2, 1)
    assert (counted.visits, counted.claims, counted.photos_reused) == (visits, 1, 1)
    assert await count_week(campaigns.database, week + timedelta(weeks=1), sunday_over) == 0, "handed on"
    data = await campaigns.client.get("/api/v1/people/me/data/campaigns", headers=campaigns.as_person(person))
    assert "weeks they were thanked for" in data.text
