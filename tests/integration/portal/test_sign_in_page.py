"""Signing in on the page: in a demonstration as one of its persons, and elsewhere not."""

from __future__ import annotations

import httpx
import pytest

from chassis.settings import Environment
from tests.integration.portal.conftest import portal
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import SESSION

DEMO = "/api/v1/sign-in/demo"
PERSONS = {
    "items": [
        {"name": "sophie", "display_name": "Sophie Martin", "language": "fr", "role": "ambassador"},
        {"name": "marc", "display_name": "Marc <b>Dubois", "language": "fr", "role": None},
    ]
}


@pytest.fixture
def directory(town: dict[str, StandIn]) -> StandIn:
    town["directory"].answers[DEMO] = lambda asked: PERSONS if asked.method == "GET" else SESSION
    return town["directory"]


async def test_in_a_demo_one_click_signs_in(client: httpx.AsyncClient, directory: StandIn) -> None:
    page = await client.get("/sign-in?lang=nl")
    assert 'name="person" value="sophie"' in page.text
    assert "heeft een winkel" in page.text
    assert "<b>Dubois" not in page.text

    answer = await client.post("/sign-in?lang=nl", data={"do": "demo", "person": "marc"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account?lang=nl")
    assert SESSION["refresh_token"] in answer.headers["set-cookie"]
    assert (directory.asked[-1].method, directory.asked[-1].url.path) == ("POST", DEMO)


async def test_without_the_directory_the_other_ways_in_are_shown(
    client: httpx.AsyncClient, directory: StandIn
) -> None:
    del directory.answers[DEMO]
    page = await client.get("/sign-in")
    assert page.status_code == 200
    assert 'name="person"' not in page.text
    assert 'name="email"' in page.text


async def test_in_production_nobody_is_offered(addresses: dict[str, str], directory: StandIn) -> None:
    pages = httpx.ASGITransport(portal(addresses, Environment.production))
    async with httpx.AsyncClient(transport=pages, base_url="https://portal") as client:
        page = await client.get("/sign-in")
    assert page.status_code == 200
    assert 'name="person"' not in page.text
    assert not directory.asked
