"""The leaderboard: adults who chose to be on it, under a name of their choice."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.campaigns.test_points import a_game, an_ambassador
from tests.support.campaigns import Campaigns


@pytest.fixture
async def campaign(campaigns: Campaigns) -> dict[str, Any]:
    return await a_game(campaigns)


async def be_listed(
    campaigns: Campaigns, campaign: dict[str, Any], person: UUID, name: str
) -> httpx.Response:
    path = f"/api/v1/campaigns/{campaign['id']}/leaderboard/me"
    return await campaigns.client.put(path, json={"name": name}, headers=campaigns.as_person(person))


async def with_points(campaigns: Campaigns, campaign: dict[str, Any], reviews: int) -> UUID:
    person = await an_ambassador(campaigns, campaign)
    for _ in range(reviews):
        await campaigns.review(await campaigns.a_merchant(), person)
    return person


async def board(campaigns: Campaigns, campaign: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await campaigns.client.get(f"/api/v1/campaigns/{campaign['id']}/leaderboard")
    places: list[dict[str, Any]] = answer.json()["places"]
    return places


async def test_who_chose_to_is_listed_and_equal_points_share_a_rank(
    campaigns: Campaigns, campaign: dict[str, Any]
) -> None:
    for name, reviews in (("Ana", 1), ("Bo", 2), ("Cy", 2), ("Nobody yet", 0)):
        person = await with_points(campaigns, campaign, reviews)
        assert (await be_listed(campaigns, campaign, person, name)).status_code == 204
    await with_points(campaigns, campaign, 3)

    places = await board(campaigns, campaign)

    assert [(each["rank"], each["name"], each["points"]) for each in places] == [
        (1, "Bo", 20),
        (1, "Cy", 20),
        (3, "Ana", 10),
    ]


async def test_a_name_is_changed_and_left_by_its_owner(
    campaigns: Campaigns, campaign: dict[str, Any]
) -> None:
    person = await with_points(campaigns, campaign, 1)
    await be_listed(campaigns, campaign, person, "Ana")
    await be_listed(campaigns, campaign, person, "Ana-Lou")
    assert [each["name"] for each in await board(campaigns, campaign)] == ["Ana-Lou"]

    path = f"/api/v1/campaigns/{campaign['id']}/leaderboard/me"
    left = await campaigns.client.delete(path, headers=campaigns.as_person(person))

    assert (left.status_code, await board(campaigns, campaign)) == (204, [])


async def test_a_name_is_somebodys_alone_however_it_is_written(
    campaigns: Campaigns, campaign: dict[str, Any]
) -> None:
    await be_listed(campaigns, campaign, await an_ambassador(campaigns, campaign), "Élodie")

    second = await be_listed(campaigns, campaign, await an_ambassador(campaigns, campaign), "ÉLODIE")

    assert (second.status_code, second.json()["field"]) == (409, "name")


@pytest.mark.parametrize("name", ["x", "www.example.org/x", "a@b.be", "x" * 31, "two\nlines"])
async def test_what_is_no_name_is_refused_by_field(
    campaigns: Campaigns, campaign: dict[str, Any], name: str
) -> None:
    answer = await be_listed(campaigns, campaign, await an_ambassador(campaigns, campaign), name)

    assert answer.status_code == 422
    assert '"name"' in answer.text


async def test_who_said_to_be_a_minor_is_not_listed(campaigns: Campaigns, campaign: dict[str, Any]) -> None:
    person = uuid4()
    assert (await campaigns.join(campaign, person, age="13_to_17")).status_code == 201

    answer = await be_listed(campaigns, campaign, person, "Ana")

    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (409, "no-adult")


async def test_only_ambassadors_are_listed(campaigns: Campaigns, campaign: dict[str, Any]) -> None:
    answer = await be_listed(campaigns, campaign, uuid4(), "Ana")

    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (409, "no-ambassador")


async def test_a_name_that_an_officer_took_off_does_not_come_back_in_any_form(
    campaigns: Campaigns, campaign: dict[str, Any]
) -> None:
    person = await with_points(campaigns, campaign, 1)
    await be_listed(campaigns, campaign, person, "Bad name")
    listing = (await board(campaigns, campaign))[0]["id"]
    path = f"/api/v1/campaigns/{campaign['id']}/leaderboard"

    taken = await campaigns.client.delete(f"{path}/{listing}", headers=campaigns.as_officer())
    await campaigns.client.delete(f"{path}/me", headers=campaigns.as_person(person))
    again = await be_listed(campaigns, campaign, person, "Nice name")

    assert (taken.status_code, again.status_code) == (204, 403)
    assert await board(campaigns, campaign) == []
