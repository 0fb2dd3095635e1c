"""A campaign is planned step by step: kept between steps, checked as one goes, no change is lost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import Request
from fastapi.responses import JSONResponse

from chassis.problems import Problem
from services.portal.staff.planning.steps import ORDER
from tests.integration.portal.city_hall import ME, of_city_hall
from tests.integration.portal.living_town import DISTRICT, SHOP, a_shop
from tests.integration.portal.planning_room import DRAFTS, OF_PLAN, PLAN, a_plan, judged, of_planning
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

EDIT = f"/desk/campaigns/{PLAN}/edit"
NEW = f"/desk/cities/{CITY}/campaigns/new"
SELF = {"Origin": "http://portal"}
WHAT = {
    "version": "3",
    "name": " Un mois ",
    "description": "Texte",
    "start_day": "2026-12-01",
    "start_time": "09:00",
    "end_day": "2026-12-31",
    "end_time": "18:00",
    "question": "Qui ?",
    "go-reviews": "20",
    "do": "next",
}


class Kept:
    """The campaigns' side of the plan: takes a change of the version it has, and remembers which."""

    def __init__(self, **plan: Any) -> None:
        self.plan, self.tags = a_plan(**plan), list[str | None]()

    def __call__(self, request: Request) -> Any:
        if request.method == "GET":
            return self.plan
        self.tags.append(request.headers.get("if-match"))
        return self.plan


@pytest.fixture(autouse=True)
def _city_hall(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for answers in (of_city_hall(), of_planning()):
        for name, said in answers.items():
            town[name].answers |= said
    town["directory"].answers["/api/v1/merchants"] = {"items": [a_shop()], "next": None}


async def test_a_draft_begins_from_what_other_towns_did_or_from_nothing(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = words((await client.get(NEW)).text)
    for expected in ("The month", "31 days", "One street Pilot", "An empty campaign"):
        assert expected in shown
    made = JSONResponse({"id": PLAN}, 201)
    town["campaigns"].answers |= {DRAFTS: made, "/api/v1/campaigns": made}
    form = {"template": "month-of-ambassadors", "day": "2026-12-01", "language": "fr", "attempt": "once"}
    for choice in ({}, {"template": "empty", "name": "Nôtre"}):
        answer = await client.post(NEW, data=form | choice, headers=SELF)
        assert answer.headers["location"] == f"{EDIT}/what?lang=en&done=begun"
        assert town["campaigns"].asked[-1].headers["idempotency-key"] == "once"
    for wrong, said in (
        ({"day": "soon"}, "Give a day"),
        ({"template": "empty"}, "Type something here."),
        ({"language": "xx"}, "Choose one of the list."),
        ({"template": "../campaigns"}, "Choose one of the list."),
    ):
        answer = await client.post(NEW, data=form | wrong, headers=SELF)
        assert (answer.status_code, said in words(answer.text)) == (422, True), wrong


async def test_every_step_is_there_and_the_overview_says_what_is_missing(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for step in (*ORDER, "shops"):
        assert (await client.get(f"{EDIT}/{step}")).status_code == 200, step
    overview = words((await client.get(EDIT)).text)
    for expected in ("Habay-la-Neuve", "20 Reviews", "Allowed, if it is disclosed", "Claire Lambert", "300"):
        assert expected in overview
    assert "Announce it" in overview
    refused = judged("google", "review", "points", "refused")
    town["campaigns"].answers[OF_PLAN] = a_plan(go_if=[], policy=[refused])
    answer = await client.get(EDIT)
    assert "Before that, look at: What and when , What citizens are asked for" in words(answer.text)
    assert 'value="schedule"' not in answer.text


async def test_what_is_typed_is_kept_until_it_is_right(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    kept = town["campaigns"].answers[OF_PLAN] = Kept()
    for wrong, said in (
        ({"name": " "}, "Type something here."),
        ({"start_day": "x"}, "Give a day and a time"),
        ({"end_day": "2026-11-01"}, "It ends after it begins."),
        ({"go-reviews": "many"}, "Give a whole number"),
        ({"question": ""}, "belongs to a question"),
    ):
        answer = await client.post(f"{EDIT}/what", data=WHAT | wrong, headers=SELF)
        assert (answer.status_code, said in words(answer.text)) == (422, True), wrong
        assert "Texte" in answer.text
    assert kept.tags == []
    answer = await client.post(f"{EDIT}/what", data=WHAT, headers=SELF)
    assert answer.headers["location"] == f"{EDIT}/where?lang=en&done=saved"
    assert kept.tags == ['"3"']
    answer = await client.post(f"{EDIT}/what", data=WHAT | {"do": "back"}, headers=SELF)
    assert answer.headers["location"] == f"{EDIT}?lang=en&done=saved"
    held = Problem(409, "announced-plan-holds", "Conflict", "…", field="ends_at").response()
    town["campaigns"].answers[OF_PLAN] = lambda asked: a_plan() if asked.method == "GET" else held
    answer = await client.post(f"{EDIT}/what", data=WHAT, headers=SELF)
    assert 'href="#end_day">This was announced' in answer.text


async def test_of_two_officers_the_second_is_told_what_the_first_changed(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    change = {"name": {"before": "Avant", "after": "Autrement"}, "asks": {"before": [], "after": [1]}}
    meanwhile = [{"version": 4, "state": "draft", "at": "2026-11-26T10:00:00Z", "changes": change}]
    problem = Problem(412, "version-changed", "Changed", "…", meanwhile=meanwhile)
    answers = iter([a_plan(), problem.response(), a_plan(version=4)])

    def said(request: Request) -> Any:
        return next(answers)

    town["campaigns"].answers[OF_PLAN] = said
    answer = await client.post(f"{EDIT}/what", data=WHAT, headers=SELF)
    assert answer.status_code == 422
    shown = words(answer.text)
    assert "Somebody else changed this campaign" in shown
    assert "Name 26 November 2026, 11:00 Avant → Autrement" in shown
    assert 'name="version" value="4"' in answer.text
    assert 'value=" Un mois "' in answer.text


async def test_what_may_be_asked_for_is_explained_before_it_is_asked(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    kept = town["campaigns"].answers[OF_PLAN] = Kept()
    looked = await client.get(f"{EDIT}/asks", params={"what": "google/review", "reward": "points"})
    shown = words(looked.text)
    assert "Review · Google: Points and badges Refused Why it is refused." in shown
    assert "Source: Google Maps, policy on fake engagement" in shown
    form = {"do": "add", "version": "3", "what": "google/review", "reward": "points"}
    answer = await client.post(f"{EDIT}/asks", data=form, headers=SELF)
    assert (answer.status_code, kept.tags) == (422, [])
    assert "The policy check refuses some of it." in words(answer.text)
    for change in (
        {"what": "google/review", "reward": "none"},
        {"do": "remove", "what": "here/review"},
        {"do": "ground", "legal_ground": "Arrêté"},
    ):
        answer = await client.post(f"{EDIT}/asks", data=form | change, headers=SELF)
        assert answer.headers["location"] == f"{EDIT}/asks?lang=en&done=saved", change
    for wrong, said in (({"what": "moon/walk"}, "Choose one"), ({"what": "here/review"}, "asked for")):
        answer = await client.post(f"{EDIT}/asks", data=form | {"reward": "none"} | wrong, headers=SELF)
        assert (answer.status_code, said in words(answer.text)) == (422, True), wrong


async def test_places_shops_texts_goals_and_the_study_are_saved_too(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    kept = town["campaigns"].answers[OF_PLAN] = Kept(merchant_ids=[])
    found = await client.get(f"{EDIT}/shops", params={"q": "boulangerie"})
    assert "Add: Boulangerie-pâtisserie" in found.text
    town["directory"].answers[f"/api/v1/cities/{CITY}/responsible"] = {"version": 5}
    study = {"weeks_before": "8", "weeks_after": "6", "least_merchants": "10", "least_counted": "20"}
    for step, form, goes_on in (
        ("where", {f"district-{DISTRICT}": "yes", "kind-shop=bakery": "yes"}, "asks"),
        ("shops", {"do": "add", "shop": SHOP, "q": "boul"}, "shops"),
        ("goals", {"goal-reviews": "100", "goal-photos": ""}, "texts"),
        ("texts", {"in-nl": "yes", "name-nl": "Een maand", "in-de": "yes"}, "analysis"),
        ("analysis", study | {"main": "page-visit", "study": "2", "worth_percent": "20"}, "responsible"),
        ("responsible", {"person": "Zoé", "role": "Échevine", "of_city": "4"}, ""),
    ):
        answer = await client.post(f"{EDIT}/{step}", data=form | {"version": "3"}, headers=SELF)
        assert answer.status_code == 303, (step, words(answer.text))
        assert answer.headers["location"].startswith(f"{EDIT}/{goes_on}?" if goes_on else f"{EDIT}?"), step
    assert kept.tags == ['"3"'] * 4
    named = next(each for each in town["directory"].asked if each.url.path.endswith("/responsible"))
    assert named.headers["if-match"] == '"4"'
    for step, form in (
        ("goals", {"goal-reviews": "-3"}),
        ("texts", {"in-nl": "yes", "description-nl": "Zonder naam"}),
        ("analysis", study | {"main": "page-visit"}),
        ("responsible", {"person": "Zoé", "role": ""}),
    ):
        assert (await client.post(f"{EDIT}/{step}", data=form, headers=SELF)).status_code == 422, step


async def test_it_is_announced_started_and_ended_by_who_is_sure(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answers = town["campaigns"].answers
    answers |= {f"{OF_PLAN}/{wish}": a_plan() for wish in ("schedule", "start", "end", "evaluate")}
    for wish in ("schedule", "start", "end", "evaluate"):
        form = {"do": wish, "version": "3", "sure": "yes", "conclusion": "Oui."}
        answer = await client.post(EDIT, data=form, headers=SELF)
        assert answer.headers["location"] == f"{EDIT}?lang=en&done={wish}"
    answers[OF_PLAN] = a_plan(state="running")
    running = await client.get(EDIT)
    assert "evaluation.json" in running.text
    assert f'href="{EDIT}/asks' not in running.text
    assert (await client.get(f"{EDIT}/texts")).status_code == 200
    answer = await client.post(EDIT, data={"do": "end", "version": "3"}, headers=SELF)
    assert "Say that you are sure." in words(answer.text)
    answers[f"{OF_PLAN}/schedule"] = Problem(409, "policy-refuses", "Conflict", "…").response()
    answer = await client.post(EDIT, data={"do": "schedule", "version": "3"}, headers=SELF)
    assert "The policy check refuses some of it." in words(answer.text)


async def test_an_association_begins_in_its_own_districts_and_others_nowhere(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    association = {"role": "association_officer", "city_id": CITY, "district_id": DISTRICT}
    town["directory"].answers[ME] = {"grants": [association]}
    answer = await client.get(NEW)
    assert f'name="district-{DISTRICT}" value="yes" checked' in answer.text
    assert 'name="template"' not in answer.text
    refused = Problem(403, "forbidden", "Forbidden", "…", field="district_ids").response()
    town["campaigns"].answers["/api/v1/campaigns"] = refused
    form = {"name": "Nôtre", "day": "2026-12-01", "language": "fr"}
    answer = await client.post(NEW, data=form, headers=SELF)
    assert "Only the city decides that." in words(answer.text)
    assert "legal_ground" not in (await client.get(f"{EDIT}/asks")).text
    town["campaigns"].answers[OF_PLAN] = Kept()
    answer = await client.post(f"{EDIT}/texts", data={"version": "3"}, headers=SELF)
    # The study and who answers for it are the city's to say.
    assert answer.headers["location"] == f"{EDIT}?lang=en&done=saved"
    overview = (await client.get(EDIT)).text
    assert (f'href="{EDIT}/analysis' in overview, f'href="{EDIT}/goals' in overview) == (False, True)
    assert f'href="/desk/campaigns/{PLAN}?' not in overview
    town["directory"].answers[ME] = {"grants": []}
    town["campaigns"].answers[f"{OF_PLAN}/changes"] = refusal(403)
    for path in (NEW, EDIT, *(f"{EDIT}/{step}" for step in (*ORDER, "shops"))):
        assert (await client.get(path)).status_code == 404, path
