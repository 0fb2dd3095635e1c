"""A consultant's programme: planned by a form, followed town by town, the gaps a click from their session."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from tests.integration.portal.city_hall import GRANTS, ME
from tests.integration.portal.session_room import (
    OF_PROGRAMME,
    PROGRAMME,
    PROGRAMMES,
    a_programme,
    of_the_consultant,
)
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

ALL = "/desk/programme"
PAGE = f"{ALL}/{PROGRAMME}"
SELF = {"Origin": "http://portal"}
FORM = {
    "name": " Commerce connecté ",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    f"town-{CITY}": "66",
    "attempt": "once",
}


@pytest.fixture(autouse=True)
def _a_consultant(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_the_consultant().items():
        town[name].answers |= answers


async def test_the_programme_says_what_is_held_and_what_is_missing(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(ALL)
    shown = words(answer.text)
    for expected in (
        "Planned 66",
        "Held 20",
        "Participants 429",
        "20 of 66",
        "Towns without a session 1",
        "Habay 66 1 20 429 45",
    ):
        assert expected in shown
    assert f'href="/desk/sessions/new?city={CITY}&amp;lang=en"' in answer.text
    town["directory"].answers["/api/v1/cities"] = refusal(503)
    assert "A town 66 1 20 429 45" in words((await client.get(PAGE)).text)
    town["assessment"].answers[PROGRAMMES] = {"items": [], "next": None}
    assert "No programme is planned yet" in words((await client.get(ALL)).text)


async def test_a_gap_leads_to_the_form_of_its_session(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(f"/desk/sessions/new?city={CITY}")
    assert f'<option value="{CITY}" selected>' in answer.text
    assert f"city={CITY}&amp;lang=fr" in (await client.get(f"/desk/sessions?city={CITY}")).text
    assert town["assessment"].asked[-1].query_params["city"] == CITY


async def test_a_programme_is_planned_and_planned_anew(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for wrong, said in (
        ({"name": " "}, "Give the programme a name."),
        ({"starts_on": "soon"}, "Give its first day."),
        ({f"town-{CITY}": "many"}, "Give a number, or leave it empty."),
        ({f"town-{CITY}": ""}, "Plan a session in one of your towns at least."),
    ):
        answer = await client.post(f"{ALL}/new", data=FORM | wrong, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)
        assert 'value="2026-12-31"' in answer.text
    town["assessment"].answers[PROGRAMMES] = JSONResponse({"id": PROGRAMME}, 201)
    answer = await client.post(f"{ALL}/new", data=FORM, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en&done=planned"
    asked = town["assessment"].asked[-1]
    assert asked.headers["idempotency-key"] == "once"
    assert json.loads(asked.state.body)["towns"] == [{"city_id": CITY, "planned": 66}]

    shown = (await client.get(f"{PAGE}/plan")).text
    assert f'name="town-{CITY}" type="text" value="66"' in shown
    town["assessment"].answers[OF_PROGRAMME] = JSONResponse(a_programme(version=5))
    answer = await client.post(f"{PAGE}/plan", data=FORM | {"version": "4"}, headers=SELF)
    assert answer.status_code == 303
    assert town["assessment"].asked[-1].headers["if-match"] == '"4"'
    for refused, said in (
        (Problem(412, "version-changed", "Changed", "…"), "Somebody else planned it anew"),
        (Problem(422, "invalid", "Invalid", "…", field="ends_on"), "at most five years after the first"),
    ):
        town["assessment"].answers[OF_PROGRAMME] = refused.response()
        answer = await client.post(f"{PAGE}/plan", data=FORM | {"version": "4"}, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)


async def test_nobody_else_is_let_in(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers[ME] = {"grants": GRANTS}
    for path in (ALL, f"{ALL}/new", PAGE, f"{PAGE}/plan"):
        assert (await client.get(path)).status_code == 404, path
    town["assessment"].answers[PROGRAMMES] = refusal(403)
    assert (await client.post(f"{ALL}/new", data=FORM, headers=SELF)).status_code == 404
    assert (await client.post(f"{ALL}/new", data=FORM, headers={"Origin": "http://else"})).status_code == 403
