"""What is seen elsewhere, systems that are told, shared campaigns, and where an association begins."""

from __future__ import annotations

import httpx
import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from tests.integration.portal.city_hall import GRANTS, ME, a_campaign, of_city_hall
from tests.integration.portal.city_register import of_the_register
from tests.integration.portal.city_windows import (
    AN_ASSOCIATION,
    ENDPOINT,
    ENDPOINTS,
    GLANCE,
    NEIGHBOUR,
    OF_ENDPOINT,
    THIRD,
    an_endpoint,
    of_the_windows,
)
from tests.integration.portal.living_town import DISTRICT
from tests.integration.portal.planning_room import OF_PLAN, PLAN, of_planning
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

OF_CITY = f"/desk/cities/{CITY}"
SHARED = f"/desk/campaigns/{PLAN}/cities"
WEBHOOKS = f"{OF_CITY}/webhooks"
WEBHOOK = f"/desk/webhooks/{ENDPOINT}"
SELF = {"Origin": "http://portal"}


@pytest.fixture(autouse=True)
def _city_hall(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for answers in (of_city_hall(), of_the_register(), of_planning(), of_the_windows()):
        for name, said in answers.items():
            town[name].answers |= said


async def test_what_is_seen_elsewhere_is_told_of_the_city_and_of_each_district(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(f"{OF_CITY}/elsewhere", params={"district": DISTRICT})
    shown = words(answer.text)
    for expected in ("fediverse Posts an open source 7 3", "google Reviews 212 +12 9 an officer", "Miam"):
        assert expected in shown
    assert "Miam &lt;b&gt;" in answer.text
    asked = next(each for each in town["campaigns"].asked if each.url.path == GLANCE)
    assert (asked.query_params.get("district"), asked.query_params.get("city")) == (DISTRICT, None)


async def test_an_association_sees_its_districts_and_whats_on_there(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["directory"].answers[ME] = {"grants": [AN_ASSOCIATION]}
    theirs = a_campaign(district_ids=[DISTRICT], name="Notre rue")
    others = a_campaign(district_ids=[CITY], name="Ailleurs")
    everywhere = a_campaign(district_ids=[], name="Partout")
    town["campaigns"].answers["/api/v1/campaigns"] = {"items": [theirs, others, everywhere], "next": None}
    assert f'href="{OF_CITY}/association?lang=en"' in (await client.get("/desk")).text
    shown = words((await client.get(f"{OF_CITY}/association")).text)
    assert "Habay-la-Neuve Shops · Seen elsewhere · Cards for windows" in shown
    assert "Notre rue On now" in shown
    assert "your association" in shown
    assert "Partout" in shown
    assert "Ailleurs" not in shown
    await client.get(f"{OF_CITY}/elsewhere")
    asked = next(each for each in town["campaigns"].asked if each.url.path == GLANCE)
    assert asked.query_params.get("district") == DISTRICT
    assert "Moderation" not in words((await client.get(f"{OF_CITY}/shops")).text)


async def test_a_system_is_registered_its_secret_shown_once_and_its_log_read(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    campaigns, listed = town["campaigns"], town["campaigns"].answers[ENDPOINTS]
    assert "Does not answer" in words((await client.get(WEBHOOKS)).text)
    made = JSONResponse(an_endpoint(secret="whsec_once"), 201)
    campaigns.answers[ENDPOINTS] = lambda asked: listed if asked.method == "GET" else made
    form = {"url": "https://s.example/", "type-campaigns.campaign-started.v1": "yes", "attempt": "once"}
    answer = await client.post(WEBHOOKS, data=form, headers=SELF)
    assert "whsec_once" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    refused = Problem(422, "invalid", "Invalid", "…", field="url").response()
    campaigns.answers[ENDPOINTS] = lambda asked: listed if asked.method == "GET" else refused
    answer = await client.post(WEBHOOKS, data=form, headers=SELF)
    assert "Give an address that begins with https://" in words(answer.text)
    log = words((await client.get(WEBHOOK, params={"state": "pending"})).text)
    assert "campaigns.campaign-started.v1 On its way again at" in log
    campaigns.answers |= {
        f"{OF_ENDPOINT}/test": JSONResponse({}, 202),
        f"{OF_ENDPOINT}/secret": an_endpoint(secret="whsec_new"),
    }
    for wish, done in (("test", "test"), ("disable", "disable"), ("enable", "enable")):
        answer = await client.post(WEBHOOK, data={"do": wish}, headers=SELF)
        assert answer.headers["location"] == f"{WEBHOOK}?lang=en&done={done}"
    assert "Say that you are sure." in words(
        (await client.post(WEBHOOK, data={"do": "remove"}, headers=SELF)).text
    )
    answer = await client.post(WEBHOOK, data={"do": "secret", "sure": "yes"}, headers=SELF)
    assert "whsec_new" in answer.text
    answer = await client.post(WEBHOOK, data={"do": "remove", "sure": "yes"}, headers=SELF)
    assert answer.headers["location"] == f"{WEBHOOKS}?lang=en&done=removed"


async def test_a_city_is_invited_and_answers_for_itself(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = words((await client.get(SHARED)).text)
    assert "Arlon Has not answered yet" in shown
    assert "Virton" in shown
    nothing = Response(status_code=204)
    town["campaigns"].answers |= {
        f"{OF_PLAN}/cities/{THIRD}": nothing,
        f"{OF_PLAN}/cities/{NEIGHBOUR}": nothing,
        f"{OF_PLAN}/cities/{NEIGHBOUR}/answer": nothing,
    }
    for city, wish in (
        (THIRD, "invite"),
        (NEIGHBOUR, "take-back"),
        (NEIGHBOUR, "accept"),
        (NEIGHBOUR, "decline"),
    ):
        answer = await client.post(SHARED, data={"city": city, "do": wish}, headers=SELF)
        assert answer.headers["location"] == f"{SHARED}?lang=en&done={wish}"
    assert (await client.post(SHARED, data={"city": "../x", "do": "invite"}, headers=SELF)).status_code == 422
    town["directory"].answers[ME] = {"grants": [GRANTS[0] | {"city_id": NEIGHBOUR}]}
    answer = await client.get(SHARED)
    assert 'value="accept"' in answer.text
    assert 'value="invite"' not in answer.text


async def test_nobody_else_is_let_in(client: httpx.AsyncClient, town: dict[str, StandIn]) -> None:
    town["directory"].answers[ME] = {"grants": []}
    town["campaigns"].answers |= {
        ENDPOINTS: refusal(403),
        OF_ENDPOINT: refusal(403),
        f"{OF_PLAN}/cities": refusal(403),
    }
    for path in (f"{OF_CITY}/elsewhere", f"{OF_CITY}/association", WEBHOOKS, WEBHOOK, SHARED):
        assert (await client.get(path)).status_code == 404, path
