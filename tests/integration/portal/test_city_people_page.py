"""A city's people: who has which role, whom it invites, and that others see none of it."""

from __future__ import annotations

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from tests.integration.portal.city_hall import INVITATION, OF_PEOPLE, of_city_hall
from tests.integration.portal.living_town import DISTRICT
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

PAGE = f"/desk/cities/{CITY}/people"
SELF = {"Origin": "http://portal"}
FORM = {"do": "invite", "email": " zoe@city.example ", "role": "consultant", "attempt": "once"}


@pytest.fixture(autouse=True)
def _city_hall(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_city_hall().items():
        town[name].answers |= answers


async def test_who_has_which_role_and_whose_invitation_is_open_is_shown(client: httpx.AsyncClient) -> None:
    shown = words((await client.get(PAGE)).text)
    for expected in ("Claire Lambert", "Officer of the city 3 September 2026", "anna@advice.example"):
        assert expected in shown
    assert "accepted@city.example" not in shown


async def test_an_officer_invites_and_takes_back(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    directory = town["directory"]
    directory.answers |= {
        "/api/v1/invitations": JSONResponse({"id": INVITATION}, 201),
        f"/api/v1/invitations/{INVITATION}": Response(status_code=204),
    }
    for form, done in (
        (FORM, "invited"),
        (FORM | {"role": "association_officer", "district": DISTRICT}, "invited"),
        ({"do": "withdraw", "invitation": INVITATION}, "withdrawn"),
    ):
        answer = await client.post(PAGE, data=form, headers=SELF)
        assert answer.headers["location"] == f"{PAGE}?lang=en&done={done}"
    refused = Problem(422, "invalid", "Invalid", "…", field="email")
    directory.answers["/api/v1/invitations"] = refused.response()
    for form, said in (
        (FORM, "Give an address of mail"),
        (FORM | {"role": "operator"}, "Choose one of the roles."),
        (FORM | {"role": "association_officer"}, "Choose a district."),
        ({"do": "withdraw", "invitation": "../people"}, "That was not possible."),
    ):
        answer = await client.post(PAGE, data=form, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)
    assert "zoe@city.example" in (await client.post(PAGE, data=FORM, headers=SELF)).text


async def test_nobody_else_sees_it(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers[f"{OF_PEOPLE}/roles"] = refusal(403)
    assert (await client.get(PAGE)).status_code == 404
