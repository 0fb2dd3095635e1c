"""Points are booked line by line with what stands, and a recount of the facts comes to the same."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from services.campaigns.contributions.domain import Standing
from services.campaigns.contributors import known_contributor
from services.campaigns.points.domain import RULES, due
from services.campaigns.points.ledger import deeds_of, rewarded_by
from services.campaigns.points.tables import point_balance, point_entry
from services.campaigns.policy.domain import Action
from tests.support.campaigns import Campaigns

POINTS = [{"platform": "here", "action": "review", "reward": "points"}]
A_DAY = RULES[Action.REVIEW].a_day


async def a_game(campaigns: Campaigns, **changed: Any) -> dict[str, Any]:
    return await campaigns.a_campaign("schedule", "start", asks=POINTS, **changed)


async def an_ambassador(campaigns: Campaigns, campaign: dict[str, Any]) -> UUID:
    person = uuid4()
    assert (await campaigns.join(campaign, person)).status_code == 201
    return person


async def own(campaigns: Campaigns, campaign: dict[str, Any], person: UUID, part: str = "") -> Any:
    path = f"/api/v1/campaigns/{campaign['id']}/points/mine{part}"
    answer = await campaigns.client.get(path, headers=campaigns.as_person(person))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def edit(campaigns: Campaigns, review: str, person: UUID, version: int) -> bool:
    """Give it another rating; False where it was withdrawn before."""
    headers = {"If-Match": f'"{version}"', **campaigns.as_person(person)}
    path, said = f"/api/v1/contributions/{review}", {"rating": 4 + version % 2}
    edited = await campaigns.client.patch(path, json=said, headers=headers)
    assert edited.status_code in (200, 404), edited.text
    return edited.status_code == 200


async def accounts(campaigns: Campaigns, campaign: dict[str, Any], person: UUID) -> tuple[int, int, int]:
    """The balance, the sum of the ledger, and what the facts alone come to."""
    campaign_id = UUID(campaign["id"])
    async with campaigns.database.transaction() as tx:
        contributor = await known_contributor(tx, person)
        assert contributor is not None
        balance = await tx.scalar(select(point_balance.c.points))
        booked = await tx.scalar(select(text("coalesce(sum(points), 0)")).select_from(point_entry))
        deeds = await deeds_of(tx, campaign_id, contributor)
        recount = due(deeds, await rewarded_by(tx, campaign_id))
    return balance or 0, int(booked or 0), sum(recount.values())


async def test_a_review_earns_the_same_for_each_rating_and_says_by_which_rule(campaigns: Campaigns) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    written = [
        (await campaigns.review(await campaigns.a_merchant(), person, rating=rating)).json()
        for rating in (1, 5)
    ]
    await campaigns.share(await campaigns.a_merchant(), person)

    entries = (await own(campaigns, campaign, person, "/entries"))["items"]

    assert [(each["contribution_id"], each["points"]) for each in entries] == [
        (each["id"], 10) for each in reversed(written)
    ]
    assert {(each["action"], each["why"]) for each in entries} == {("review", "earned")}
    assert (await own(campaigns, campaign, person))["points"] == 20


@pytest.mark.parametrize("asks", [[], [{"platform": "here", "action": "review"}]])
async def test_a_campaign_that_promises_no_points_books_none(campaigns: Campaigns, asks: list[Any]) -> None:
    campaign = await campaigns.a_campaign("schedule", "start", asks=asks)
    person = await an_ambassador(campaigns, campaign)
    await campaigns.review(await campaigns.a_merchant(), person)

    game = await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}/game")

    assert await own(campaigns, campaign, person) == {"points": 0, "badges": []}
    assert (game.json()["points"], game.json()["badges"]) == ([], [])


async def test_who_is_no_ambassador_or_runs_the_shop_earns_nothing(campaigns: Campaigns) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    await campaigns.review(await campaigns.a_merchant(), person, tie="owner")
    passer_by = uuid4()
    await campaigns.review(await campaigns.a_merchant(), passer_by)

    assert [(await own(campaigns, campaign, each))["points"] for each in (person, passer_by)] == [0, 0]


async def test_what_is_withdrawn_or_removed_is_taken_back_and_what_stands_again_restored(
    campaigns: Campaigns,
) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    review = (await campaigns.review(await campaigns.a_merchant(), person)).json()
    totals = []
    for to in (Standing.REMOVED, Standing.PUBLISHED):
        await campaigns.change_standing(review["id"], to)
        totals.append((await own(campaigns, campaign, person))["points"])
    path = f"/api/v1/contributions/{review['id']}"
    await campaigns.client.delete(path, headers=campaigns.as_person(person))
    await campaigns.client.delete(path, headers=campaigns.as_person(person))

    entries = (await own(campaigns, campaign, person, "/entries"))["items"]

    assert totals == [0, 10]
    assert [(each["why"], each["points"]) for each in reversed(entries)] == [
        ("earned", 10),
        ("taken-back", -10),
        ("restored", 10),
        ("taken-back", -10),
    ]
    assert await accounts(campaigns, campaign, person) == (0, 0, 0)


async def test_of_a_day_so_many_earn_however_they_come_at_once(campaigns: Campaigns) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    shops = [await campaigns.a_merchant() for _ in range(A_DAY + 3)]

    answers = await asyncio.gather(*(campaigns.review(shop, person) for shop in shops))

    assert {answer.status_code for answer in answers} == {201}
    assert await accounts(campaigns, campaign, person) == (10 * A_DAY,) * 3


async def test_whatever_becomes_of_contributions_the_accounts_agree(campaigns: Campaigns) -> None:
    chance = random.Random("points")
    campaigns.now = datetime(2026, 6, 1, 18, tzinfo=UTC)
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    written: list[str] = []
    versions: dict[str, int] = {}
    done: set[str] = set()
    for _ in range(60):
        campaigns.now += timedelta(minutes=chance.randint(0, 30))
        step = chance.choice(["write", "write", "withdraw", "remove", "restore", "edit"])
        if step == "write" or not written:
            written.append((await campaigns.review(await campaigns.a_merchant(), person)).json()["id"])
            continue
        done.add(step)
        chosen = chance.choice(written)
        if step == "withdraw":
            path = f"/api/v1/contributions/{chosen}"
            await campaigns.client.delete(path, headers=campaigns.as_person(person))
        elif step == "edit":
            before, _, _ = await accounts(campaigns, campaign, person)
            if await edit(campaigns, chosen, person, versions.get(chosen, 1)):
                versions[chosen] = versions.get(chosen, 1) + 1
        else:
            await campaigns.change_standing(
                chosen, Standing.REMOVED if step == "remove" else Standing.PUBLISHED
            )
        balance, booked, recounted = await accounts(campaigns, campaign, person)
        assert balance == booked == recounted
        assert step != "edit" or balance == before

    assert done == {"withdraw", "remove", "restore", "edit"}
    assert len(versions) > 1
    assert len(written) > 3 * A_DAY
    assert balance > 0


async def test_badges_are_those_that_can_be_had_and_go_with_what_is_taken_back(campaigns: Campaigns) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    shops = [await campaigns.a_merchant() for _ in range(3)]
    reviews = [(await campaigns.review(shop, person)).json()["id"] for shop in shops]
    game_path = f"/api/v1/campaigns/{campaign['id']}/game"

    offered = (await campaigns.client.get(game_path, headers={"Accept-Language": "nl"})).json()["badges"]
    three = (await own(campaigns, campaign, person))["badges"]
    await campaigns.client.delete(f"/api/v1/contributions/{reviews[0]}", headers=campaigns.as_person(person))
    two = (await own(campaigns, campaign, person))["badges"]

    assert [each["title"] for each in offered] == ["Eerste stap", "Drie etalages", "Trouw"]
    assert [each["key"] for each in three] == ["first-step", "three-shops"]
    assert [each["key"] for each in two] == ["first-step"]


async def test_an_officer_switches_badges_and_leaderboard_off_and_points_go_on(campaigns: Campaigns) -> None:
    campaign = await a_game(campaigns)
    person = await an_ambassador(campaigns, campaign)
    await campaigns.review(await campaigns.a_merchant(), person)
    path = f"/api/v1/campaigns/{campaign['id']}"
    listed = {"name": "Marie"}
    await campaigns.client.put(f"{path}/leaderboard/me", json=listed, headers=campaigns.as_person(person))
    off = {"badges_on": False, "leaderboard_on": False}

    switched = await campaigns.client.put(f"{path}/game", json=off, headers=campaigns.as_officer())
    board = (await campaigns.client.get(f"{path}/leaderboard")).json()

    assert switched.json()["badges"] == []
    assert switched.json()["leaderboard_on"] is False
    assert await own(campaigns, campaign, person) == {"points": 10, "badges": []}
    assert board == {"places": []}
