"""Coaching groups: made of a proposal or by hand, offered, formed, with who is in line and who came."""

from __future__ import annotations

import json
from datetime import date

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem, several_invalid
from services.portal.staff.groups import hours_of
from tests.integration.portal.city_hall import GRANTS, ME
from tests.integration.portal.session_room import (
    ASKED,
    GROUP,
    GROUPS,
    OF_GROUP,
    a_group,
    of_the_consultant,
)
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

ALL = "/desk/groups"
PAGE = f"{ALL}/{GROUP}"
SELF = {"Origin": "http://portal"}
PLAN = {
    "dimension": "visibility",
    "speaks": "fr",
    "day": "2026-12-15",
    "from": "09:00",
    "until": "12:00",
    "place": " Maison communale ",
}


@pytest.fixture(autouse=True)
def _a_consultant(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_the_consultant().items():
        town[name].answers |= answers


def test_a_proposed_half_day_is_the_next_one_that_leaves_time_to_ask() -> None:
    thursday = date(2026, 11, 26)
    assert hours_of("tue-am", thursday) == {"day": "2026-12-08", "from": "09:00", "until": "12:00"}
    assert hours_of("thu-pm", thursday)["day"] == "2026-12-03"
    assert hours_of("someday", thursday) == {}


async def test_a_group_is_made_of_what_is_proposed(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = words((await client.get(ALL)).text)
    assert "Being found, Français, Tuesday morning · 1 shops" in shown
    assert "15 December 2126, 09:00 Being found Maison communale" in shown
    form = f"{ALL}/new?city={CITY}"
    proposed = (await client.get(f"{form}&dimension=visibility&half_day=tue-am&requests={ASKED}")).text
    assert f'value="{ASKED}" checked' in proposed
    for wrong, said in (
        ({"day": "soon"}, "Give the day"),
        ({"until": "08:00"}, "It ends later"),
        ({"place": " "}, "Say where it is"),
    ):
        answer = await client.post(form, data=PLAN | wrong | {"requests": ASKED}, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)
        assert f'value="{ASKED}" checked' in answer.text
    town["assessment"].answers[GROUPS] = JSONResponse({"id": GROUP}, 201)
    answer = await client.post(form, data=PLAN | {"requests": ASKED, "attempt": "once"}, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en"
    sent = json.loads(town["assessment"].asked[-1].state.body)
    assert sent == {
        "city_id": CITY,
        "dimension": "visibility",
        "language": "fr",
        "starts_at": "2026-12-15T08:00:00Z",
        "ends_at": "2026-12-15T11:00:00Z",
        "place": "Maison communale",
        "request_ids": [ASKED],
    }
    town["assessment"].answers[GROUPS] = several_invalid([("request_ids.0", "has withdrawn")]).response()
    answer = await client.post(form, data=PLAN, headers=SELF)
    assert "Somebody of them cannot be in this group" in words(answer.text)


async def test_a_group_is_led_from_its_line_to_who_came(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = words((await client.get(PAGE)).text)
    assert "Seats are offered" in shown
    assert "has a seat" in shown
    steps = [
        ({"do": "offers"}, "POST", "/offers", None),
        ({"do": "formation"}, "POST", "/formation", None),
        ({"do": "cancellation"}, "POST", "/cancellation", None),
        (
            {"do": "line", f"line-{CITY}": "2", f"line-{ASKED}": "1", f"line-{GROUP}": ""},
            "PUT",
            "/line",
            None,
        ),
        ({"do": "attendance", "came": ASKED}, "PUT", "/attendance", {"came": [ASKED]}),
        (PLAN | {"do": "revise", "place": "Hall"}, "PATCH", "", None),
    ]
    for form, method, path, body in steps:
        if path:
            town["assessment"].answers[OF_GROUP + path] = {}
        answer = await client.post(PAGE, data=form | {"version": "7"}, headers=SELF)
        assert answer.status_code == 303, form
        sent = town["assessment"].asked[-1]
        assert (sent.method, sent.url.path) == (method, OF_GROUP + path)
        assert sent.headers["if-match"] == '"7"'
        if form["do"] == "line":
            assert json.loads(sent.state.body) == {"request_ids": [ASKED, CITY]}
        if body is not None:
            assert json.loads(sent.state.body) == body
    for status, said in ((412, "Somebody else changed the group"), (409, "That was not possible.")):
        town["assessment"].answers[f"{OF_GROUP}/offers"] = Problem(status, "x", "…", "…").response()
        answer = await client.post(PAGE, data={"do": "offers", "version": "7"}, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)
    begun = a_group(state="formed", starts_at="2026-01-15T08:00:00Z", ends_at="2026-01-15T11:00:00Z")
    town["assessment"].answers[OF_GROUP] = begun
    assert f'name="came" value="{ASKED}"' in (await client.get(PAGE)).text
    town["assessment"].answers[f"{OF_GROUP}/calendar"] = Response("BEGIN:VCALENDAR")
    assert (await client.get(f"{PAGE}/group.ics")).text == "BEGIN:VCALENDAR"


async def test_nobody_else_is_let_in(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers[ME] = {"grants": GRANTS}
    assert (await client.get(ALL)).status_code == 404
    town["assessment"].answers[OF_GROUP] = refusal(403)
    assert (await client.get(PAGE)).status_code == 404
    assert (await client.post(PAGE, data={"do": "offers"}, headers={"Origin": "http://x"})).status_code == 403
