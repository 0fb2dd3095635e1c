"""The form of a session: by the code of the room, for anybody, without a script; nothing typed is lost."""

from __future__ import annotations

import httpx
import pytest
from fastapi.responses import JSONResponse

from tests.integration.portal.session_room import CODE, of_the_consultant
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import refusal
from tests.integration.portal.test_pages import words

PAGE, FORMS = f"/join/{CODE}", f"/api/v1/join/{CODE}/forms"
SELF = {"Origin": "http://portal"}
FORM = {
    "attempt": "01890000-0000-7000-8000-00000000a77e",
    "maps": "nothing",
    "ease": "3",
    "merchant_kind": "",
}
RESULT = {
    "score": 29,
    "band": {"title": "Begun.", "text": "Much to be gained."},
    "completed_at": "2026-11-26T19:00:00Z",
    "dimensions": [{"key": "visibility", "text": "Being found", "score": 20}],
    "recommendations": [{"key": "claim", "title": "Take charge of your profile", "why": "It is free."}],
}


@pytest.fixture(autouse=True)
def assessment(town: dict[str, StandIn]) -> StandIn:
    town["assessment"].answers |= of_the_consultant()["assessment"] | {FORMS: JSONResponse(RESULT, 201)}
    return town["assessment"]


async def test_a_form_is_filled_in_and_says_where_the_shop_stands(
    client: httpx.AsyncClient, assessment: StandIn
) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    page = await client.get(f"{PAGE}?lang=en", headers=forwarded)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    for said in ("Where does my shop stand?", "What is found?", "Option mine", "1: hard; 5: easy", "Bakery"):
        assert said in words(page.text)

    answer = await client.post(f"{PAGE}?lang=en", data=FORM, headers=SELF | forwarded)

    assert answer.status_code == 200
    for said in ("29", "Much to be gained.", "Being found: 20", "Take charge of your profile"):
        assert said in words(answer.text)
    sent = assessment.asked[-1]
    assert (sent.method, sent.headers["idempotency-key"]) == ("POST", FORM["attempt"])
    assert {each.headers["x-forwarded-for"] for each in assessment.asked} == {"203.0.113.9"}


async def test_what_cannot_be_counted_stays_filled_in(client: httpx.AsyncClient, assessment: StandIn) -> None:
    assessment.answers[FORMS] = refusal(422)
    answer = await client.post(PAGE, data=FORM | {"ease": "<b>9"}, headers=SELF)
    assert answer.status_code == 422
    assert 'value="nothing" checked' in answer.text
    assert "&lt;b&gt;9" in answer.text
    assert FORM["attempt"] in answer.text


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "No session has this code."), (409, "closed"), (429, "too often")],
)
async def test_a_code_that_opens_nothing_is_asked_for_again(
    client: httpx.AsyncClient, assessment: StandIn, status: int, said: str
) -> None:
    assessment.answers[f"/api/v1/join/{CODE}"] = assessment.answers[FORMS] = refusal(status)
    for answer in (await client.get(f"{PAGE}?lang=en"), await client.post(f"{PAGE}?lang=en", headers=SELF)):
        assert answer.status_code == status
        assert said in words(answer.text)


async def test_a_typed_code_leads_to_the_form(client: httpx.AsyncClient) -> None:
    answer = await client.get("/join", params={"code": "5gx-ymq", "lang": "nl"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/join/5gxymq?lang=nl")
    assert (await client.get("/join?code=<>")).status_code == 200
    assert (await client.get("/join/..%2f..")).status_code in {404, 422}


async def test_while_the_service_is_away_the_page_says_so(
    client: httpx.AsyncClient, assessment: StandIn
) -> None:
    assessment.answers[f"/api/v1/join/{CODE}"] = assessment.answers[FORMS] = refusal(503)
    assert (await client.get(PAGE)).status_code == 503
    assert (await client.post(PAGE, data=FORM, headers=SELF)).status_code == 503
    assert (await client.post(PAGE, data=FORM, headers={"Origin": "http://evil.example"})).status_code == 403
