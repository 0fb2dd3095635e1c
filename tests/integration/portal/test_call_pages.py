"""The call list: who asked and may be called, with contacts on request alone, taken off once it is done."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from tests.integration.portal.city_hall import ME
from tests.integration.portal.session_room import ASKED, CALLS, of_the_consultant
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

PAGE = "/desk/calls"
SELF = {"Origin": "http://portal"}


@pytest.fixture(autouse=True)
def _a_consultant(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_the_consultant().items():
        town[name].answers |= answers


async def test_who_asked_is_listed_and_contacts_are_looked_up_on_request_alone(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = words((await client.get(PAGE)).text)
    assert "Call list: Habay" in shown, "the only town is chosen already"
    assert "Not reached 27 November 2026 · call again on 30 November 2026" in shown
    assert "A consultant’s visit · Français · 20 November 2026 · weakest: Being found (12)" in shown
    asked = [each for each in town["assessment"].asked if each.url.path == CALLS]
    assert "contacts" not in asked[-1].query_params
    assert "language" not in asked[-1].query_params, "the reader's language chooses nobody"
    query = f"city={CITY}&wish=visit&speaks=nl&dimension=visibility&contacts=true"
    answer = await client.get(f"{PAGE}?{query}")
    assert 'href="tel:+3263000000"' in answer.text
    assert f"?{query.replace('&', '&amp;')}&amp;lang=fr" in answer.text
    last = [each for each in town["assessment"].asked if each.url.path == CALLS][-1].query_params
    assert (last["language"], last["wish"], last["contacts"]) == ("nl", "visit", "true")
    town["assessment"].answers[f"{CALLS}.csv"] = Response("request;merchant")
    file = await client.get(f"{PAGE}/calls.csv?{query}")
    assert file.headers["content-disposition"] == 'attachment; filename="calls.csv"'
    assert town["assessment"].asked[-1].query_params["language"] == "nl"


async def test_what_is_done_is_taken_off_the_list(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    served = f"/api/v1/training-requests/{ASKED}/served"
    for told in (Response(status_code=204), Problem(409, "withdrawn", "…", "…").response()):
        town["assessment"].answers[served] = told
        answer = await client.post(f"{PAGE}?city={CITY}", data={"request": ASKED}, headers=SELF)
        assert answer.headers["location"] == f"{PAGE}?city={CITY}&lang=en"
        assert town["assessment"].asked[-1].method == "PUT"
    call = served.replace("served", "call")
    town["assessment"].answers[call] = Response(status_code=204)
    form = {"request": ASKED, "do": "call", "outcome": "not_reached", "next_on": "2026-11-30"}
    answer = await client.post(f"{PAGE}?city={CITY}&due=true", data=form, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?city={CITY}&due=true&lang=en"
    noted = json.loads(town["assessment"].asked[-1].state.body)
    assert noted == {"outcome": "not_reached", "next_on": "2026-11-30"}
    unclear = {"type": "urn:cococity:problem:invalid", "field": "next_on", "status": 422}
    town["assessment"].answers[call] = JSONResponse(unclear, 422)
    refused = await client.post(f"{PAGE}?city={CITY}", data=form | {"next_on": "soon"}, headers=SELF)
    assert refused.status_code == 422
    assert f'href="#next_on-{ASKED}"' in refused.text
    assert 'value="soon"' in refused.text
    town["assessment"].answers[served] = refusal(403)
    for request in (ASKED, "../x"):
        answer = await client.post(f"{PAGE}?city={CITY}", data={"request": request}, headers=SELF)
        assert answer.status_code == 404


async def test_nobody_waits_and_nobody_else_looks(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers[ME] = {"grants": [{"role": "city_officer", "city_id": CITY}]}
    officers = (await client.get(f"{PAGE}?city={CITY}&dimension=visibility")).text
    assert 'href="tel:' in officers
    for not_theirs in ('name="dimension"', 'name="request"', "dimension=visibility"):
        assert not_theirs not in officers
    asked = [each for each in town["assessment"].asked if each.url.path == CALLS]
    assert "dimension" not in asked[-1].query_params
    town["assessment"].answers[CALLS] = {"items": [], "next": None}
    assert "Nobody waits for a call." in words((await client.get(PAGE)).text)
    town["assessment"].answers[CALLS] = refusal(403)
    assert (await client.get(f"{PAGE}?city={CITY}")).status_code == 404
    town["directory"].answers[ME] = {"grants": []}
    assert (await client.get(PAGE)).status_code == 404
