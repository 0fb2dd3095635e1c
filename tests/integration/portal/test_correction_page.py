"""Something is wrong about a shop: suggested as it should be, its receipt handed in, and taken back."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from tests.integration.portal.living_people import REVIEW, SHOP, a_correction, of_people
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, SESSION, refusal
from tests.integration.portal.test_pages import words

PAGE = f"/merchants/{SHOP}/correction"
SUGGESTIONS = f"/api/v1/merchants/{SHOP}/corrections"
RECEIPT = f"/api/v1/contributions/corrections/{CITY}"
SELF = {"Origin": "http://portal"}
FORM = {
    "field": "phone",
    "phone": " +32 63 12 34 56 ",
    "seen-phone": "",
    "note": "On the door",
    "attempt": "once",
}


@pytest.fixture(autouse=True)
def _somebody(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_people().items():
        town[name].answers |= answers
    town["directory"].answers[REFRESH] = SESSION


async def test_a_suggestion_says_what_was_seen_and_hands_its_receipt_in(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = words((await client.get(PAGE)).text)
    assert "What is wrong?" in shown
    assert "Telephone , 20 November 2026: waits for a decision" in shown.replace("Telephone,", "Telephone ,")
    address = (await client.get(f"{PAGE}?field=address")).text
    assert 'name="street" type="text" value="Grand-Rue"' in address
    assert 'name="seen-street" value="Grand-Rue"' in address
    town["directory"].answers[SUGGESTIONS] = JSONResponse(a_correction(), 201)
    for campaigns in (JSONResponse({"campaign_id": None, "reason": None}), refusal(503)):
        town["campaigns"].answers[RECEIPT] = campaigns
        answer = await client.post(PAGE, data=FORM, headers=SELF)
        assert answer.headers["location"] == f"{PAGE}?lang=en&done=suggested"
        handed_in = town["campaigns"].asked[-1]
        assert (handed_in.method, handed_in.url.path) == ("PUT", RECEIPT)
        assert json.loads(handed_in.state.body) == {"merchant_id": SHOP}
    (sent, _) = [each for each in town["directory"].asked if each.url.path == SUGGESTIONS]
    assert sent.headers["idempotency-key"] == "once"
    assert json.loads(sent.state.body) == {
        "field": "phone",
        "suggested": {"phone": "+32 63 12 34 56"},
        "seen": {"phone": None},
        "note": "On the door",
    }


async def test_what_is_refused_is_said_and_what_was_typed_stays(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for refused, said in (
        (Problem(409, "suggested-before", "…", "…"), "Take it back first."),
        (Problem(409, "changed-meanwhile", "…", "…"), "see what it says now"),
        (Problem(422, "invalid", "…", "…", field="suggested.phone"), "This cannot be so."),
    ):
        town["directory"].answers[SUGGESTIONS] = refused.response()
        answer = await client.post(PAGE, data=FORM, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)
        assert "+32 63 12 34 56" in answer.text
    assert (await client.post(PAGE, data={"field": "colour"}, headers=SELF)).status_code == 422
    town["directory"].answers[f"/api/v1/people/me/corrections/{REVIEW}"] = Response(status_code=204)
    answer = await client.post(PAGE, data={"do": "withdraw", "correction": REVIEW}, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en&done=withdrawn"
    assert (
        await client.post(PAGE, data={"do": "withdraw", "correction": "../x"}, headers=SELF)
    ).status_code == 404
