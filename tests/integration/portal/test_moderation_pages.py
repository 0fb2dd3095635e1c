"""Moderation as officers do it: what waits, one case with its evidence, a decision with its reasons."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from chassis.problems import Problem
from tests.integration.portal.city_hall import CASE, CASES, ME, NEXT_CASE, PICTURE, a_case, of_city_hall
from tests.integration.portal.living_town import SHOP
from tests.integration.portal.stand_ins import CITY, StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

QUEUE = f"/desk/cities/{CITY}/moderation"
PAGE = f"/desk/cases/{CASE}"
DECISION = f"{CASES}/{CASE}/decision"
SELF = {"Origin": "http://portal"}


@pytest.fixture(autouse=True)
def _city_hall(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_city_hall().items():
        town[name].answers |= answers


async def send(client: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await client.post(PAGE, data={"attempt": "once", **form}, headers=SELF)


def asked(town: dict[str, StandIn], path: str) -> list[Any]:
    return [each for each in town["campaigns"].asked if each.url.path == path]


async def test_the_queue_says_what_waits_why_and_whose_it_is(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(QUEUE)
    shown = words(answer.text)
    for expected in (
        "Appeals 1",
        "Vandenbroucke-Desmedt &amp; filles Appeal Overdue to be decided by 23 November 2026, 09:12",
        "The text holds a web or mail address.",
        "Another officer decides it",
    ):
        assert expected in shown
    assert "cursor=further" in answer.text
    await client.get(QUEUE, params={"kind": "appeal", "cursor": "further"})
    query = asked(town, CASES)[-1].query_params
    assert (query["city"], query["kind"], query["cursor"]) == (CITY, "appeal", "further")
    assert (await client.get(QUEUE, params={"kind": "nonsense"})).status_code == 422


async def test_officers_of_the_named_city_are_shown_no_page_that_is_not_theirs(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    for path, heading in (
        (QUEUE, "This town named yours to decide its appeals"),
        (PAGE, "The author appeals"),
    ):
        assert f'href="/desk/cities/{CITY}/shops?' in (await client.get(path)).text
        town["directory"].answers[ME] = {"grants": [{"role": "city_officer", "city_id": SHOP}]}
        answer = await client.get(path)
        assert heading in words(answer.text)
        assert f'href="/desk/cities/{CITY}/shops?' not in answer.text
        assert "kind=first" not in answer.text
        del town["directory"].answers[ME]


async def test_a_case_shows_all_that_is_needed_to_decide_it(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.get(PAGE)
    shown = words(answer.text)
    for expected in (
        "The author works there",
        "Who is seen was not asked",
        "The author appeals: Je maintiens.",
        "Removed , 21 November 2026, 09:12 : The text insults or threatens somebody. Le mot",
        "C&#39;est moi.",
    ):
        assert expected in shown
    assert "<script>." not in answer.text
    assert "En panne deux fois. &lt;script&gt;" in answer.text
    picture = await client.get(f"{PAGE}/pictures/{PICTURE}/small.webp")
    assert (picture.status_code, picture.headers["cache-control"]) == (200, "private, no-store")
    assert (await client.get(f"{PAGE}/pictures/{CITY}/large.webp")).status_code == 404
    town["campaigns"].answers[f"{CASES}/{CASE}"] = a_case(taken=True)
    assert "Another officer is about to decide" in words((await client.get(PAGE)).text)
    town["campaigns"].answers[f"{CASES}/{CASE}"] = a_case(decided_at="2026-11-22T08:00:00Z")
    assert 'value="publish"' not in (await client.get(PAGE)).text
    over = a_case(decided_at="2026-11-22T08:00:00Z", closed_by="withdrawal")
    town["campaigns"].answers[f"{CASES}/{CASE}"] = over
    answer = await client.get(PAGE)
    assert "Its author withdrew it: there is nothing to decide any more." in words(answer.text)
    assert "This case is decided." not in words(answer.text)
    assert 'name="do"' not in answer.text


async def test_a_removal_says_its_ground_and_why_and_the_next_case_follows(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    campaigns = town["campaigns"]
    campaigns.answers[DECISION] = lambda request: {"id": CASE}
    for form, fault in (
        ({"do": "remove", "statement": "Voleur."}, "Choose the ground for removing it."),
        ({"do": "remove", "ground": "insult"}, "Say why, in your own words"),
    ):
        answer = await send(client, **form)
        assert answer.status_code == 422
        assert fault in words(answer.text)
        assert "Voleur." in answer.text or "statement" not in form
    assert asked(town, DECISION) == []

    answer = await send(client, do="remove", ground="insult", statement="Voleur.")
    assert answer.headers["location"] == f"/desk/cases/{NEXT_CASE}?lang=en&done=removed"
    assert asked(town, DECISION)[0].headers["idempotency-key"] == "once"
    campaigns.answers[CASES] = {"items": [], "next": None}
    answer = await send(client, do="publish")
    assert answer.headers["location"] == f"{QUEUE}?lang=en&done=published"


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("already-decided", "This case is decided"),
        ("case-taken", "Another officer is about to decide this case."),
        ("own-decision", "somebody who did not decide before"),
        ("of-the-future", "That was not possible."),
    ],
)
async def test_what_hinders_a_decision_is_said(
    client: httpx.AsyncClient, town: dict[str, StandIn], slug: str, said: str
) -> None:
    town["campaigns"].answers[DECISION] = Problem(409, slug, "Refused", "…").response()
    answer = await send(client, do="publish")
    assert answer.status_code == 422
    assert said in words(answer.text)


async def test_a_case_is_taken_and_given_back_by_its_city_s_officers_alone(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    lease = f"{CASES}/{CASE}/lease"
    town["campaigns"].answers[lease] = {}
    for wish, method in (("take", "PUT"), ("give-back", "DELETE")):
        assert (await send(client, do=wish)).status_code == 303
        assert asked(town, lease)[-1].method == method
    town["campaigns"].answers |= {lease: refusal(403), DECISION: refusal(403), CASES: refusal(403)}
    for wish in ("take", "publish"):
        assert (await send(client, do=wish)).status_code == 404
    assert (await client.get(QUEUE)).status_code == 404
    assert (await send(client, do="nonsense")).status_code == 422
