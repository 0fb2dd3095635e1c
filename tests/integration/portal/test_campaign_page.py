"""A campaign's page: what it is, by which rules, how far it is; and what it stands without."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.portal.living_town import CAMPAIGN, a_campaign, of_the_town
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import refusal
from tests.integration.portal.test_pages import words

PAGE = f"/campaigns/{CAMPAIGN}"
READ = f"/api/v1/campaigns/{CAMPAIGN}"


@pytest.fixture(autouse=True)
def _town(town: dict[str, StandIn]) -> None:
    for name, answers in of_the_town().items():
        town[name].answers |= answers


async def test_it_says_what_is_asked_by_which_rules_and_how_far_it_is(client: httpx.AsyncClient) -> None:
    answer = await client.get(PAGE)
    shown = words(answer.text)
    for expected in (
        "From 7 November 2026 to 5 December 2026",
        "Review here points allowed, and said beside it",
        "Review Google nothing allowed",
        "Points are given for any review, whatever it says.",
        "Review: 5 points, 3 times a day at most",
        "37 of 100",
        "1. Léa 85",
        "First word For a first review.",
    ):
        assert expected in shown
    assert f'href="{PAGE}/join?lang=en"' in answer.text
    picture = await client.get(f"{PAGE}/card.png")
    assert picture.headers["content-type"] == "image/png"


async def test_a_campaign_that_is_over_asks_nobody_to_join(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["campaigns"].answers[READ] = a_campaign(state="ended")
    answer = await client.get(PAGE)
    assert "This campaign is over." in answer.text
    assert f"{PAGE}/join" not in answer.text


async def test_parts_fail_alone_and_what_is_not_there_is_said(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for path in ("progress", "game", "leaderboard"):
        town["campaigns"].answers[f"{READ}/{path}"] = refusal(503)
    town["directory"].answers.clear()
    answer = await client.get(PAGE)
    assert answer.status_code == 200
    assert answer.text.count("This part is not available now.") == 3
    del town["campaigns"].answers[READ]
    assert (await client.get(PAGE)).status_code == 404
    town["campaigns"].answers[READ] = refusal(503)
    assert (await client.get(PAGE)).status_code == 503
