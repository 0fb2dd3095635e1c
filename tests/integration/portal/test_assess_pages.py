"""An assessment without an account: question by question, and then whose shop it is."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fastapi.responses import JSONResponse

from chassis.problems import Problem, several_invalid
from tests.integration.portal.living_people import DRAFT, NOBODYS_PAGES, SHOP, a_proposal, of_people
from tests.integration.portal.living_town import NIS
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, REFRESH, SESSION
from tests.integration.portal.test_pages import words

SECRET = "s" * 43
BROWSER = {"Cookie": f"cococity-draft={DRAFT}.{SECRET}", "X-Forwarded-For": "203.0.113.9"}
OF_DRAFT = f"/api/v1/assessment-drafts/{DRAFT}"
PROPOSAL = f"{OF_DRAFT}/proposal"
FORM = {"city_id": CITY, "name": " Chez Léa ", "street": "Rue <b>", "house_number": "", "postcode": "6720"}


@pytest.fixture(autouse=True)
def assessment(town: dict[str, StandIn]) -> StandIn:
    for name, answers in of_people().items():
        town[name].answers |= answers
    town["directory"].answers[REFRESH] = SESSION
    return town["assessment"]


async def test_anybody_begins_answers_and_sees_what_it_comes_to(
    client: httpx.AsyncClient, assessment: StandIn
) -> None:
    draft = assessment.answers[OF_DRAFT]
    assessment.answers["/api/v1/assessment-drafts"] = JSONResponse(draft | {"secret": SECRET}, 201)
    for leading in ("/", f"/claim?shop={SHOP}", f"/towns/{NIS}"):
        assert 'href="/assess?lang=en"' in (await client.get(leading, headers=COOKIE)).text
    assert "Begin" in (await client.get("/assess")).text

    begun = await client.post("/assess", data={"questionnaire": "digital-maturity"}, headers=BROWSER)
    assert begun.headers["location"] == "/assess/questions/1?lang=en"
    assert f"cococity-draft={DRAFT}.{SECRET};" in begun.headers["set-cookie"]
    assert "HttpOnly" in begun.headers["set-cookie"]
    question = await client.get("/assess/questions/1", headers=BROWSER)
    assert 'value="a" checked' in question.text
    assert question.headers["cache-control"] == "no-store"
    saved = await client.post("/assess/questions/1", data={"maps": "b"}, headers=BROWSER)
    assert saved.headers["location"] == "/assess?lang=en"

    (sent,) = [each for each in assessment.asked if each.method == "PUT"]
    assert json.loads(sent.state.body) == {"answers": {"maps": ["b"]}}
    assert sent.headers["draft-secret"] == SECRET
    assert not [each for each in assessment.asked if "authorization" in each.headers]
    started = [each for each in assessment.asked if each.method == "POST"]
    assert [each.headers["x-forwarded-for"] for each in started] == ["203.0.113.9"]
    assert 'href="/assess/shop?lang=en"' in (await client.get("/assess", headers=BROWSER)).text
    result = words((await client.get("/assess/result", headers=BROWSER)).text)
    for said in ("33 of 100", "Begun.", "Take charge of your profile", "Whose shop is it?"):
        assert said in result


async def test_without_a_draft_one_begins(client: httpx.AsyncClient, assessment: StandIn) -> None:
    for address in NOBODYS_PAGES.values():
        if address != "/assess":
            answer = await client.get(address, headers={"Cookie": "cococity-draft=no-draft.x"})
            assert answer.headers["location"] == "/assess?lang=en", address
    assert (await client.post("/assess/proposal", data=FORM)).headers["location"] == "/assess?lang=en"
    elsewhere = {"Origin": "http://evil.example"}
    for address in ("/assess", "/assess/questions/1", "/assess/proposal"):
        assert (await client.post(address, data=FORM, headers=BROWSER | elsewhere)).status_code == 403


async def test_a_listed_shop_leads_to_its_account_and_a_missing_one_to_the_form(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    del town["assessment"].answers[PROPOSAL]
    found = (await client.get(f"/assess/shop?q=rigaux&city={CITY}", headers=BROWSER)).text
    assert f"/claim?shop={SHOP}&amp;lang=en" in found
    assert f"/shops/{SHOP}/assessment?lang=en" in found
    assert dict(town["directory"].asked[-1].query_params) | {"language": ""} == {
        "q": "rigaux",
        "city": CITY,
        "limit": "10",
        "language": "",
    }
    town["directory"].answers["/api/v1/merchants/search"] = {"items": []}
    missed = (await client.get(f"/assess/shop?q=L%C3%A9a&city={CITY}", headers=BROWSER)).text
    assert "No shop was found by these words." in missed
    assert f"/assess/proposal?city={CITY}&amp;name=L%C3%A9a" in missed
    form = (await client.get(f"/assess/proposal?city={CITY}&name=L%C3%A9a", headers=BROWSER)).text
    assert f'<option value="{CITY}" selected>Habay</option>' in form
    assert 'value="Léa"' in form
    town["directory"].answers["/api/v1/merchants/search"] = JSONResponse({}, 503)
    assert "not available now" in (await client.get("/assess/shop?q=rigaux", headers=BROWSER)).text


async def test_a_proposal_is_sent_and_what_is_wrong_with_it_is_said_at_its_field(
    client: httpx.AsyncClient, assessment: StandIn
) -> None:
    answers = assessment.answers
    refused: Any = several_invalid([("postcode", "no"), ("kind", "no")]).response()

    def send(request: Any) -> Any:
        return refused if request.method == "PUT" else Problem(404, "not-found", "…", "…").response()

    answers[PROPOSAL] = send
    page = await client.post("/assess/proposal", data=FORM, headers=BROWSER)
    assert page.status_code == 422
    for shown in ('href="#postcode"', 'href="#kind"', 'value="Rue &lt;b&gt;"', 'value="Chez Léa"'):
        assert shown in page.text
    (sent,) = [each for each in assessment.asked if each.method == "PUT"]
    body = {name: value.strip() or None for name, value in FORM.items()}
    assert json.loads(sent.state.body) == body | {"kind": None}
    assert (sent.headers["draft-secret"], sent.headers["x-forwarded-for"]) == (SECRET, "203.0.113.9")

    refused = Problem(429, "too-many-requests", "…", "…").response()
    page = await client.post("/assess/proposal", data=FORM, headers=BROWSER)
    assert (page.status_code, "Too many shops were proposed from here." in page.text) == (429, True)
    assert 'value="Rue &lt;b&gt;"' in page.text

    answers[PROPOSAL] = a_proposal()
    done = await client.post("/assess/proposal", data=FORM, headers=BROWSER)
    assert done.headers["location"] == "/assess/proposal?lang=en"

    refused = Problem(409, "already-proposed", "…", "…").response()
    answers[PROPOSAL] = lambda request: refused if request.method == "PUT" else a_proposal()
    page = await client.post("/assess/proposal", data=FORM, headers=BROWSER)
    assert page.status_code == 409
    assert "A shop was proposed with these answers before." in page.text


async def test_what_became_of_a_proposal_is_said_with_what_to_do_next(
    client: httpx.AsyncClient, assessment: StandIn
) -> None:
    async def shown(**changed: Any) -> str:
        assessment.answers[PROPOSAL] = a_proposal(**changed)
        page = await client.get("/assess/proposal", headers=BROWSER)
        assert page.status_code == 200
        assert f"{DRAFT}.{SECRET}" in page.headers["set-cookie"]
        assert "<b>" not in page.text
        return page.text

    waiting = await shown()
    assert "Your shop waits for the town" in waiting
    assert "<form" not in waiting
    at = "2026-11-21T10:00:00Z"
    refused = await shown(state="refused", reason="elsewhere", decided_at=at)
    for said in ("It lies in another town.", 'value="Chez &lt;b&gt;Léa', "Propose it"):
        assert said in refused
    assert "did not say why" in await shown(state="refused", reason="something_new", decided_at=at)
    listed = await shown(state="listed", merchant_id=SHOP, decided_at=at)
    assert "Your shop is listed" in listed
    assert f"/claim?shop={SHOP}&amp;lang=en" in listed


async def test_who_takes_the_shop_over_then_goes_on_to_hand_the_answers_in(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers[f"/api/v1/merchants/{SHOP}/claim"] = {}
    form = {"shop": SHOP, "code": "AAAA-AAAA-AAAA-AAAA"}
    for cookie, page in ((COOKIE["Cookie"], ""), (f"{COOKIE['Cookie']}; {BROWSER['Cookie']}", "/assessment")):
        claimed = await client.post("/claim", data=form, headers={"Cookie": cookie})
        assert claimed.headers["location"] == f"/shops/{SHOP}{page}?lang=en"


async def test_while_the_assessment_is_away_its_pages_say_so(
    client: httpx.AsyncClient, assessment: StandIn
) -> None:
    for path in list(assessment.answers):
        assessment.answers[path] = JSONResponse({}, 503)
    assert "not available now" in (await client.get("/assess")).text
    for address in ("/assess", "/assess/result", "/assess/shop", "/assess/proposal"):
        assert (await client.get(address, headers=BROWSER)).status_code == 503, address
