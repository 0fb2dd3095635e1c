"""Forms on paper: typed as numbers one after the other, or looked at as rows of a sheet and then entered."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fastapi.responses import JSONResponse

from chassis.problems import Problem, several_invalid
from services.portal.staff.paper import Option, Question, Range
from tests.integration.portal.living_town import SHOP
from tests.integration.portal.session_room import OF_SESSION, TOWN_SESSION, of_the_consultant
from tests.integration.portal.stand_ins import StandIn
from tests.integration.portal.test_invitation_page import COOKIE, refusal
from tests.integration.portal.test_pages import words

PAGE = f"/desk/sessions/{TOWN_SESSION}/paper"
FORMS = f"{OF_SESSION}/forms"
SELF = {"Origin": "http://portal"}
FORM = {"at": "19:40", "kind": "shop=bakery", "shop": SHOP, "q-maps": "2", "q-ease": " 4 ", "attempt": "once"}


@pytest.fixture(autouse=True)
def _a_consultant(town: dict[str, StandIn], client: httpx.AsyncClient) -> None:
    client.headers.update(COOKIE)
    for name, answers in of_the_consultant().items():
        town[name].answers |= answers


def a_question(kind: str, options: int) -> Question:
    letters = [Option(letter, letter) for letter in "abcdefghijkl"[:options]]
    return Question("q", "?", kind, letters, None if options else Range(0, 100, None, None, None))


@pytest.mark.parametrize(
    ("kind", "options", "typed", "answer"),
    [
        ("single", 4, "3", ["c"]),
        ("multiple", 4, "13", ["a", "c"]),
        ("multiple", 4, "3, 1 3", ["c", "a"]),
        ("multiple", 12, "12 1", ["l", "a"]),
        ("number", 0, "42", [42]),
        ("single", 4, "13", None),
        ("single", 4, "5", None),
        ("single", 4, "0", None),
        ("multiple", 4, "1 9", None),
        ("multiple", 4, "²", None),
        ("number", 0, "4 2", None),
        ("number", 0, "many", None),
    ],
)
def test_numbers_stand_for_options(kind: str, options: int, typed: str, answer: list[Any] | None) -> None:
    question = a_question(kind, options)
    if answer is None:
        with pytest.raises(ValueError):  # noqa: PT011 - what it says is never shown
            question.answer(typed)
    else:
        assert question.answer(typed) == answer


async def test_a_form_is_entered_by_numbers_and_dated_when_it_was_filled_in(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    shown = await client.get(PAGE)
    assert "Forms so far : 9" in words(shown.text).replace(":", " :")
    assert 'name="at" type="time" value="19:00"' in shown.text
    town["assessment"].answers[FORMS] = entering(JSONResponse({"entered": 1, "assessment_ids": []}, 201))
    answer = await client.post(PAGE, data=FORM, headers=SELF)
    assert answer.headers["location"] == f"{PAGE}?lang=en&at=19%3A40&entered=1"
    sent = town["assessment"].asked[-1]
    assert sent.headers["idempotency-key"] == "once"
    assert json.loads(sent.state.body) == {
        "forms": [
            {
                "answers": {"maps": ["nothing"], "ease": [4]},
                "merchant_kind": "shop=bakery",
                "merchant_id": SHOP,
                "completed_at": "2026-12-14T18:40:00Z",
            }
        ]
    }
    following = await client.get(answer.headers["location"])
    assert 'name="at" type="time" value="19:40"' in following.text
    assert "Entered. Here is an empty one." in words(following.text)


async def test_what_cannot_be_counted_is_named_and_what_was_typed_stays(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    answer = await client.post(PAGE, data=FORM | {"q-maps": "7"}, headers=SELF)
    assert answer.status_code == 422
    assert 'href="#q-maps"' in answer.text
    assert 'value="7"' in answer.text
    assert 'value=" 4 "' in answer.text
    for refused, said in (
        (several_invalid([("forms.0.answers.ease", "9")]), "Type the number of an answer"),
        (several_invalid([("forms.0.completed_at", "later")]), "Give the time at which"),
        (several_invalid([("forms.0.answers", "none")]), "No question is answered"),
        (Problem(409, "session-not-held", "…", "…"), "has not begun, or was called off"),
    ):
        town["assessment"].answers[FORMS] = entering(refused.response())
        answer = await client.post(PAGE, data=FORM, headers=SELF)
        assert answer.status_code == 422
        assert said in words(answer.text)
    town["assessment"].answers[FORMS] = refusal(403)
    assert (await client.get(PAGE)).status_code == 404
    assert (await client.post(PAGE, data=FORM, headers=SELF)).status_code == 404


async def test_rows_are_looked_at_before_they_are_entered(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    good = {"line": 2, "score": 41, "faults": []}
    fault = [{"field": "ease", "detail": "…"}, {"field": "completed_at", "detail": "…"}]
    bad = {"line": 3, "score": None, "faults": fault}
    rows = {"rows": "maps;ease\n1;4\n1;9", "do": "look"}
    town["assessment"].answers[f"{FORMS}/sheet/preview"] = {"forms": [good, bad], "refused": 1}
    answer = await client.post(f"{PAGE}/sheet", data=rows, headers=SELF)
    assert answer.status_code == 422
    shown = words(answer.text)
    assert "3 – ease : no answer that this question has" in shown.replace(":", " :").replace("  ", " ")
    assert "Mend the rows that are named" in shown
    assert "1;9</textarea>" in answer.text
    assert 'value="enter"' not in answer.text
    assert town["assessment"].asked[-2].state.body == rows["rows"].encode()

    town["assessment"].answers[f"{FORMS}/sheet/preview"] = {"forms": [good], "refused": 0}
    answer = await client.post(f"{PAGE}/sheet", data=rows, headers=SELF)
    assert "Enter 1 forms" in words(answer.text)
    town["assessment"].answers[f"{FORMS}/sheet"] = JSONResponse({"entered": 1, "assessment_ids": []}, 201)
    keys = []
    for _ in range(2):
        answer = await client.post(f"{PAGE}/sheet", data=rows | {"do": "enter"}, headers=SELF)
        assert answer.headers["location"] == f"{PAGE}?lang=en&entered=1"
        keys.append(town["assessment"].asked[-1].headers["idempotency-key"])
    assert keys[0] == keys[1], "the same rows are entered once"
    no_sheet = Problem(422, "invalid", "…", "body: column 1 is called 'x'", field="body")
    town["assessment"].answers[f"{FORMS}/sheet/preview"] = no_sheet.response()
    answer = await client.post(f"{PAGE}/sheet", data=rows, headers=SELF)
    assert "column 1 is called" in answer.text
    assert "cannot be read as forms" in words(answer.text)
    assert (await client.get(f"{PAGE}/template.csv")).text == "maps;ease"


def entering(answer: Any) -> Any:
    """The same path is read for the questions, and written to."""
    paper = of_the_consultant()["assessment"][FORMS]
    return lambda request: paper if request.method == "GET" else answer
