"""Answers are put right by a new assessment; the old one stays. Two are compared where they can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from chassis.ids import new_id
from chassis.service import Service
from services.assessment import merchants
from tests.integration.assessment.conftest import ANSWERS, listed, news, owner_of, submission, token

Submit = Callable[..., Any]

FORM = {
    "maps-profile": "mine-and-current",
    "search-rank": "first-page",
    "review-watch": "by-chance",
    "customer-news": "none",
    "website": "old",
    "posts": 6,
    "ease": 4,
}


async def test_a_correction_is_a_new_assessment_and_the_old_one_stays_as_corrected(
    client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    first = (await submit(submission(merchant), who)).json()
    changed = ANSWERS | {"help": "myself"}
    second = (await submit(submission(merchant, answers=changed, corrects=first["id"]), who)).json()
    assert (first["corrects"], second["corrects"]) == (None, first["id"])
    assert second["score"] > first["score"]

    old = (await client.get(f"/api/v1/assessments/{first['id']}", headers=who)).json()
    assert old["corrected_by"] == second["id"]
    assert (old["score"], old["answers"]) == (first["score"], first["answers"])
    items = (await client.get(f"/api/v1/assessments?merchant={merchant}", headers=who)).json()["items"]
    assert [(each["id"], each["corrected_by"]) for each in items] == [
        (second["id"], None),
        (first["id"], second["id"]),
    ]


async def test_two_corrections_of_one_assessment_at_once_leave_one(
    service: Service, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    first = (await submit(submission(merchant), who)).json()["id"]
    answers = await asyncio.gather(
        *(submit(submission(merchant, corrects=first), who) for _ in range(5)),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["type"] == "urn:cococity:problem:already-corrected"
    async with service.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM assessments")) == 2


async def test_nobody_corrects_the_assessment_of_another_shop(
    service: Service, submit: Submit, merchant: UUID
) -> None:
    other = new_id()
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(other))])
    theirs = (await submit(submission(other), owner_of(other))).json()["id"]
    refused = await submit(submission(merchant, corrects=theirs), owner_of(merchant))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "corrects"


async def test_two_assessments_of_one_version_are_compared_by_their_scores(
    client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    first = (await submit(submission(merchant), who)).json()
    second = (await submit(submission(merchant, answers=ANSWERS | {"help": "myself"}), who)).json()
    url = f"/api/v1/assessments/{second['id']}/comparison?since={first['id']}&language=nl"
    compared = (await client.get(url, headers=who)).json()
    assert (compared["score_before"], compared["score_after"]) == (first["score"], second["score"])
    assert compared["change"] == second["score"] - first["score"] > 0
    skills = next(each for each in compared["dimensions"] if each["key"] == "skills")
    assert (skills["before"], skills["after"], skills["change"]) == (50, 100, 50)
    assert skills["text"] == "Vaardigheden"
    assert compared["over"] is None


async def test_two_questionnaires_without_a_declared_mapping_are_not_compared(
    client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    first = (await submit(submission(merchant), who)).json()["id"]
    form = submission(merchant, questionnaire="session-form", answers=FORM)
    second = (await submit(form, who)).json()["id"]
    refused = await client.get(f"/api/v1/assessments/{second}/comparison?since={first}", headers=who)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:cococity:problem:not-comparable"
    assert "digital-maturity v1 and session-form v1" in refused.json()["detail"]


async def test_declared_questionnaires_are_compared_over_their_common_questions(
    client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    form = submission(merchant, questionnaire="session-form", answers=FORM)
    first = (await submit(form, who)).json()["id"]
    full = await client.get("/api/v1/questionnaires/full-assessment")
    best = {
        each["key"]: each["range"]["highest"] if each["range"] else each["options"][0]["key"]
        for each in full.json()["questions"]
    }
    body = submission(merchant, questionnaire="full-assessment", answers=best)
    second = (await submit(body, who)).json()["id"]
    answer = await client.get(f"/api/v1/assessments/{second}/comparison?since={first}", headers=who)
    compared = answer.json()
    assert compared["questionnaire"] == "full-assessment"
    assert [each["key"] for each in compared["over"]] == [
        "maps-profile",
        "search-rank",
        "review-watch",
        "website",
        "ease",
    ]
    # visibility 100, reputation 20, website 50, skills 75
    assert (compared["score_before"], compared["score_after"]) == (61, 100)


async def test_another_shops_assessment_is_no_measure(
    service: Service, client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    other, consultant = new_id(), token({"role": "consultant"})
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(other))])
    theirs = (await submit(submission(other), consultant)).json()["id"]
    mine = (await submit(submission(merchant), consultant)).json()["id"]
    for who in (consultant, owner_of(merchant)):
        answer = await client.get(f"/api/v1/assessments/{mine}/comparison?since={theirs}", headers=who)
        assert answer.status_code == 404
