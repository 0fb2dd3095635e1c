"""A consultant's sessions: announced by a form, who comes noted, the room shown how it stands."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from tests.integration.portal.city_hall import GRANTS, ME
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

ALL = "/desk/sessions"
PAGE = f"{ALL}/{TOWN_SESSION}"
SELF = {"Origin": "http://portal"}
FORM = {
    "city_id": CITY,
    "title": " Être trouvé ",
    "place": "Salle des fêtes",
    "day": "2026-07-14",
    "from": "19:00",
    "until": "21:00",
    "capacity": "20",
    "language": "fr",
    "attempt": "once",
}


@pytest.fixture(autouse=True)
def _a_consultant(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_the_consultant().items():
        town[name].answers |= answers


async def test_a_session_is_announced_at_the_time_that_clocks_show(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    assert f'href="{PAGE}?lang=en"' in (await client.get(ALL)).text
    for wrong, said in (
        ({"title": " "}, "Say what the session is about."),
        ({"place": ""}, "Say where it is"),
        ({"day": "soon"}, "Give the day and the time"),
        ({"day": "0001-01-01", "from": "00:00"}, "Give the day and the time"),
        ({"until": "18:00"}, "It ends later on the same day."),
        ({"capacity": "many"}, "Say for how many there is room"),
    ):
        answer = await client.post(f"{ALL}/new", data=FORM | wrong, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)
        assert "Salle des f" in answer.text or wrong == {"place": ""}
    town["assessment"].answers[SESSIONS] = JSONResponse({"id": TOWN_SESSION}, 201)
    answer = await client.post(f"{ALL}/new", data=FORM, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en&done=announced"
    asked = town["assessment"].asked[-1]
    assert asked.headers["idempotency-key"] == "once"
    refused = Problem(422, "invalid", "Invalid", "…", errors=[{"field": "starts_at", "detail": "past"}])
    town["assessment"].answers[SESSIONS] = refused.response()
    answer = await client.post(f"{ALL}/new", data=FORM, headers=SELF)
    assert "Give the day and the time" in words(answer.text)


async def test_a_training_is_announced_and_announced_anew(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["assessment"].answers["/api/v1/trainings"] = {"items": [{"key": "seo", "title": "Being found"}]}
    shown = (await client.get(f"{PAGE}/plan")).text
    assert 'name="from" type="time" value="19:00"' in shown
    assert '<option value="seo">Being found</option>' in shown
    town["assessment"].answers[OF_SESSION] = JSONResponse(a_session(version=4))
    form = FORM | {"version": "3", "training": "seo"}
    answer = await client.post(f"{PAGE}/plan", data=form, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en&done=changed"
    sent = town["assessment"].asked[-1]
    assert (sent.method, sent.headers["if-match"]) == ("PATCH", '"3"')
    told = json.loads(sent.state.body)
    assert (told["kind"], told["training"], told["starts_at"]) == ("training", "seo", "2026-07-14T17:00:00Z")
    for refused, said in (
        (Problem(412, "version-changed", "…", "…"), "Somebody else changed it"),
        (Problem(409, "illegal-transition", "…", "…"), "That was not possible."),
        (Problem(422, "invalid", "…", "…", field="ends_at"), "It ends later on the same day."),
    ):
        town["assessment"].answers[OF_SESSION] = refused.response()
        answer = await client.post(f"{PAGE}/plan", data=form, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)


async def test_one_session_says_who_comes_and_what_there_is_to_do(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = words((await client.get(PAGE)).text)
    for expected in (
        "5GXYMQ",
        "1 came · 0 of 20 seats taken · 1 waiting",
        "14 December 2026, 19:00",
        "Screen of the room",
    ):
        assert expected in shown
    town["assessment"].answers |= {
        f"{OF_SESSION}/hold": a_session(state="held"),
        f"{OF_SESSION}/cancel": Problem(409, "illegal-transition", "Conflict", "…").response(),
    }
    form = {"do": "hold", "version": "3", "participants": "17"}
    answer = await client.post(PAGE, data=form, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en&done=held"
    held = next(each for each in town["assessment"].asked if each.url.path.endswith("/hold"))
    assert held.headers["if-match"] == '"3"'
    for form in (
        {"do": "hold", "version": "3", "participants": "all"},
        {"do": "cancel", "version": "3"},
    ):
        answer = await client.post(PAGE, data=form, headers=SELF)
        assert answer.status_code == 422
        assert "That was not possible." in words(answer.text)


async def test_the_room_sees_its_picture_without_a_script_too(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(f"{PAGE}/room")
    shown = words(answer.text)
    for expected in (
        "Forms handed in 9",
        "Mean of 100 36",
        "10–19 2",
        "90–100 1",
        "cococity.example/join/5GXYMQ",
    ):
        assert expected in shown
    assert answer.text.count("<rect") == 7
    assert (await client.get(f"{PAGE}/code.svg")).headers["content-type"] == "image/svg+xml"
    live = await client.get(f"{PAGE}/live")
    assert b"event: forms" in live.content
    few = b'event: forms\ndata: {"forms":4}\n\n'
    town["assessment"].answers[f"{OF_SESSION}/live"] = Response(few, media_type="text/event-stream")
    assert "appears with the fifth form" in words((await client.get(f"{PAGE}/room")).text)
    town["assessment"].answers[f"{OF_SESSION}/live"] = refusal(503)
    assert "This part is not available now." in words((await client.get(f"{PAGE}/room")).text)


async def test_nobody_else_is_let_in(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers[ME] = {"grants": GRANTS}
    town["assessment"].answers |= {
        f"{OF_SESSION}/registrations": refusal(403),
        f"{OF_SESSION}/join": refusal(403),
    }
    for path in (ALL, f"{ALL}/new", PAGE, f"{PAGE}/room"):
        assert (await client.get(path)).status_code == 404, path
