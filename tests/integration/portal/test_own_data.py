"""One document of what all services hold: whole or not at all, and harmless whatever people wrote."""

from __future__ import annotations

import httpx
import pytest
from fastapi.responses import Response

from chassis.personal_data import PATH
from chassis.problems import unauthorised
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, SESSION
from tests.integration.portal.test_pages import words

PAGE = "/account/data"
HOSTILE = "<script>alert('Zoé')</script>"
HELD = {
    "directory": {"account": [{"display_name": HOSTILE, "email": "zoe@home.example"}], "roles": []},
    "campaigns": {"contributions": [{"text": "Très bon pain", "rating": 5, "withdrawn_at": None}]},
    "assessment": {"assessments": []},
    "notifications": {"feed": []},
}


@pytest.fixture(autouse=True)
def _holding(town: dict[str, StandIn]) -> None:
    town["directory"].answers[REFRESH] = SESSION
    for name, data in HELD.items():
        town[name].answers[f"{PATH}/{name}"] = {"service": name, "data": data}


async def test_all_services_are_asked_as_the_person(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(PAGE, headers=COOKIE)

    assert answer.status_code == 200, answer.text
    assert answer.json()["services"] == HELD
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].endswith('.json"')
    assert "cococity-refresh=the-next-refresh-token" in answer.headers["set-cookie"]
    for each in town.values():
        assert each.asked[-1].headers["authorization"] == "Bearer access"


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "sait de moi"), ("nl", "over mij weet"), ("de", "über mich weiß"), ("en", "knows about me")],
)
async def test_it_can_be_read_in_four_languages_and_nothing_in_it_runs(
    client: httpx.AsyncClient, language: str, said: str
) -> None:
    answer = await client.get(PAGE, params={"format": "html", "lang": language}, headers=COOKIE)

    assert said in answer.text
    assert "Très bon pain" in answer.text
    assert HOSTILE not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["content-disposition"].endswith('.html"')


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize(
    "instead", [Response("{", 200), Response(status_code=503), unauthorised("over").response()]
)
async def test_where_a_service_is_away_there_is_no_half_document(
    client: httpx.AsyncClient, town: dict[str, StandIn], form: str, instead: Response
) -> None:
    town["campaigns"].answers[f"{PATH}/campaigns"] = instead

    answer = await client.get(PAGE, params={"format": form}, headers=COOKIE)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "What does not answer: campaigns" in words(answer.text)
    assert "zoe@home.example" not in answer.text
    assert "content-disposition" not in answer.headers
    assert "cococity-refresh=the-next-refresh-token" in answer.headers["set-cookie"]


@pytest.mark.parametrize("headers", [{}, COOKIE])
async def test_whoever_is_not_signed_in_is_led_to_signing_in(
    client: httpx.AsyncClient, town: dict[str, StandIn], headers: dict[str, str]
) -> None:
    town["directory"].answers[REFRESH] = unauthorised("over").response()

    answer = await client.get(PAGE, headers=headers)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?lang=en")
    assert (await client.get(PAGE, params={"format": "pdf"}, headers=COOKIE)).status_code == 422


async def test_without_the_directory_nobody_is_known_and_nothing_is_lost(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers[REFRESH] = Response(status_code=503)

    answer = await client.get(PAGE, headers=COOKIE)

    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers
