"""Who comes to a session: registered by the shop itself or by the consultant, and noted at the door."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from tests.integration.portal.living_people import of_people
from tests.integration.portal.living_town import SHOP, a_shop
from tests.integration.portal.session_room import (
    OF_SESSION,
    SESSIONS,
    TOWN_SESSION,
    a_session,
    of_the_consultant,
)
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

PAGE = f"/desk/sessions/{TOWN_SESSION}/registrations"
OTHER = "01890000-0000-7000-8000-000000000ccc"
OF_OTHER = f"{OF_SESSION}/registrations/{OTHER}"
SEARCH = "/api/v1/merchants/search"
TRAININGS = f"/shops/{SHOP}/assessment/trainings"
SEAT = "01890000-0000-7000-8000-00000000005e"
SELF = {"Origin": "http://portal"}


@pytest.fixture(autouse=True)
def _somebody(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for world in (of_people(), of_the_consultant()):
        for name, answers in world.items():
            town[name].answers |= answers


async def test_at_the_door_who_came_is_noted_and_who_just_came_is_registered(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    likely = [{"merchant": a_shop(id=OTHER, name="Chez Lulu")}, {"merchant": a_shop()}]
    town["directory"].answers[SEARCH] = {"items": likely}
    answer = await client.get(f"{PAGE}?q=lulu")
    shown = words(answer.text)
    assert "1 came · 0 of 20 seats taken · 1 waiting" in shown
    assert answer.text.count("Register Chez Lulu") == 1
    assert "On the waiting list Came" in shown
    assert answer.text.count('value="register"') == 1, "who is on the list is not found again"
    asked = [each for each in town["directory"].asked if each.url.path == SEARCH]
    assert asked[-1].query_params["city"] == CITY

    town["assessment"].answers |= {OF_OTHER: {}, f"{OF_OTHER}/attendance": {}}
    town["assessment"].asked.clear()
    for wish in ("arrived", "missed", "withdraw"):
        answer = await client.post(PAGE, data={"do": wish, "merchant": OTHER}, headers=SELF)
        assert answer.headers["location"] == f"{PAGE}?lang=en&done={OTHER}#shop-{OTHER}"
    done = [
        (each.method, each.url.path.removeprefix(OF_OTHER), each.state.body and json.loads(each.state.body))
        for each in town["assessment"].asked
    ]
    assert done == [
        ("PUT", "", b""),
        ("PUT", "/attendance", {"attended": True}),
        ("PUT", "/attendance", {"attended": False}),
        ("DELETE", "", b""),
    ]


async def test_what_cannot_be_noted_is_said(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["assessment"].answers[OF_OTHER] = Problem(409, "session-over", "…", "…").response()
    answer = await client.post(PAGE, data={"do": "register", "merchant": OTHER}, headers=SELF)
    assert answer.status_code == 422
    assert "nobody can register any more" in words(answer.text)
    for form, status in (({"do": "register", "merchant": "../x"}, 404), ({"merchant": OTHER}, 422)):
        assert (await client.post(PAGE, data=form, headers=SELF)).status_code == status
    town["directory"].answers[SEARCH] = refusal(503)
    assert "This part is not available now." in words((await client.get(f"{PAGE}?q=lulu")).text)
    town["assessment"].answers[OF_SESSION] = a_session(state="held")
    assert "Register a shop" not in (await client.get(PAGE)).text
    town["assessment"].answers[f"{OF_SESSION}/registrations"] = refusal(403)
    assert (await client.get(PAGE)).status_code == 404


async def test_a_shop_registers_sees_its_place_and_withdraws(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(TRAININGS)
    shown = words(answer.text)
    assert "Être trouvé par ses clients 14 December 2026, 19:00 – 21:00" in shown
    assert "On the waiting list, 2 before you" in shown
    assert f'href="{OF_SESSION}/session.ics"' in answer.text
    listed = [each for each in town["assessment"].asked if each.url.path == SESSIONS]
    assert listed[-1].query_params["state"] == "announced"
    assert listed[-1].query_params["since"].endswith("Z")

    mine = f"{OF_SESSION}/registrations/{SHOP}"
    for wish, method in (("come", "PUT"), ("stay away", "DELETE")):
        town["assessment"].answers[mine] = JSONResponse({}) if wish == "come" else Response(status_code=204)
        answer = await client.post(TRAININGS, data={"do": wish, "session": TOWN_SESSION}, headers=SELF)
        assert answer.status_code == 303
        sent = town["assessment"].asked[-1]
        assert (sent.method, sent.url.path) == (method, mine)
    town["assessment"].answers[mine] = Problem(409, "session-over", "…", "…").response()
    answer = await client.post(TRAININGS, data={"do": "come", "session": TOWN_SESSION}, headers=SELF)
    assert "This session is over, or was called off." in words(answer.text)
    asked = f"/api/v1/training-requests/{OTHER}"
    town["assessment"].answers[asked] = Problem(409, "request-served", "…", "…").response()
    answer = await client.post(TRAININGS, data={"do": "withdraw", "request": OTHER}, headers=SELF)
    assert "You were at this training, or somebody came by" in words(answer.text)
    town["assessment"].answers[SESSIONS] = refusal(503)
    assert "This part is not available now." in words((await client.get(TRAININGS)).text)


async def test_a_group_in_which_the_shop_has_a_seat_is_not_offered_again(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(TRAININGS)
    assert "A seat is offered to you." in words(answer.text)
    assert 'value="join"' not in answer.text
    town["assessment"].answers["/api/v1/coaching-seats"] = {"items": []}
    assert 'value="join"' in (await client.get(TRAININGS)).text


async def test_the_seat_of_a_group_goes_into_a_calendar(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    file = f"/coaching/{SEAT}.ics"
    assert (await client.get(file)).status_code == 404
    town["assessment"].answers[f"/api/v1/coaching-seats/{SEAT}/calendar"] = Response("BEGIN:VCALENDAR")
    answer = await client.get(file)
    assert answer.text == "BEGIN:VCALENDAR"
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
