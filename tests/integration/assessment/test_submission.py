"""A merchant hands in the answers: what is stored, what is answered, what is told to the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, text

from chassis.ids import new_id
from chassis.service import Service
from contracts.assessment.v1 import AssessmentCompleted
from contracts.envelope import Decoder, encode
from services.assessment import merchants
from services.assessment.assessments.tables import assessments
from services.assessment.main import HISTORY
from tests.integration.assessment.conftest import ANSWERS, CITY, closed, news, owner_of, submission, token

Submit = Callable[..., Any]
decoder = Decoder({AssessmentCompleted.TYPE: AssessmentCompleted})


async def outbox_bodies(service: Service) -> list[bytes]:
    async with service.database.connection() as connection:
        return [bytes(body) for body in await connection.scalars(text("SELECT body FROM outbox ORDER BY id"))]


async def stored(service: Service) -> int:
    async with service.database.connection() as connection:
        return await connection.scalar(select(func.count()).select_from(assessments)) or 0


async def test_an_owner_gets_score_reasons_and_next_steps(submit: Submit, merchant: UUID) -> None:
    answer = await submit(submission(merchant), owner_of(merchant), **{"Accept-Language": "fr-BE, en;q=0.5"})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/api/v1/assessments/{body['id']}"
    assert answer.headers["content-language"] == body["language"] == "fr"
    assert body["score"] == 29
    assert {each["key"]: each["score"] for each in body["dimensions"]}["visibility"] == 16
    first = body["recommendations"][0]
    assert first["key"] == "claim-google-profile"
    assert first["title"] == "Prenez en main votre fiche Google"
    assert first["because"] == ["maps-profile"]
    profile = next(each for each in body["answers"] if each["key"] == "maps-profile")
    assert profile["points"] == 20
    assert profile["chosen"][0]["key"] == "not-mine"
    assert profile["gained"] < profile["possible"]
    assert body["unanswered"] == []
    assert body["completed_at"].endswith("Z")


async def test_the_event_is_recorded_with_the_row_and_republished_byte_for_byte(
    service: Service, submit: Submit, merchant: UUID
) -> None:
    body = (await submit(submission(merchant), owner_of(merchant))).json()
    bodies = await outbox_bodies(service)
    event = decoder.decode(bodies[0])
    assert event is not None
    assert event.fact == AssessmentCompleted(
        city_id=CITY,
        assessment_id=UUID(body["id"]),
        merchant_id=merchant,
        questionnaire="digital-maturity",
        questionnaire_version=1,
        score=29,
        dimensions={each["key"]: each["score"] for each in body["dimensions"]},
        recommendations=tuple(each["key"] for each in body["recommendations"]),
    )
    async with service.database.connection() as connection:
        assert [encode(again) async for again in HISTORY(connection)] == bodies


async def test_handing_in_twice_with_one_key_counts_once(
    service: Service, submit: Submit, merchant: UUID
) -> None:
    who, key = owner_of(merchant), str(new_id())
    answers = await asyncio.gather(*(submit(submission(merchant), who, key) for _ in range(4)))
    answers.append(await submit(submission(merchant), who, key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await stored(service) == len(await outbox_bodies(service)) == 1
    other = await submit(submission(merchant, answers=ANSWERS | {"help": "myself"}), who, key)
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("grant", "status"),
    [
        ({"role": "consultant"}, 201),
        ({"role": "consultant", "city": str(CITY)}, 201),
        ({"role": "consultant", "city": str(new_id())}, 403),
        ({"role": "merchant", "city": str(CITY), "merchant": str(new_id())}, 403),
        ({"role": "city_officer", "city": str(CITY)}, 403),
        ({"role": "operator"}, 403),
        ({"role": "ambassador"}, 403),
    ],
)
async def test_only_the_owner_and_consultants_of_the_city_hand_in_and_read(
    *, client: httpx.AsyncClient, submit: Submit, merchant: UUID, grant: dict[str, str], status: int
) -> None:
    who = token(grant)
    assert (await submit(submission(merchant), who)).status_code == status
    mine = (await submit(submission(merchant), owner_of(merchant))).json()
    readable = 200 if status == 201 else 403
    # Of another city, an id looks as if there were no such assessment.
    hidden = 404 if grant.get("city", str(CITY)) != str(CITY) else readable
    assert (await client.get(f"/api/v1/assessments/{mine['id']}", headers=who)).status_code == hidden
    assert (await client.get(f"/api/v1/assessments?merchant={merchant}", headers=who)).status_code == readable


async def test_nobody_reads_or_hands_in_without_a_token(
    client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    assert (await submit(submission(merchant), {})).status_code == 401
    assert (await client.get(f"/api/v1/assessments?merchant={merchant}")).status_code == 401
    assert (await client.get(f"/api/v1/assessments/{new_id()}")).status_code == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"merchant_id": str(new_id())}, "merchant_id"),
        ({"questionnaire": "shoe-size"}, "questionnaire"),
        ({"version": 2}, "version"),
        ({"version": 2**40}, "version"),
        ({"corrects": str(new_id())}, "corrects"),
        ({"answers": {}}, "answers"),
        ({"answers": ANSWERS | {"maps-profile": "on-the-moon"}}, "answers.maps-profile"),
        ({"answers": ANSWERS | {"help": ["myself", "paid"]}}, "answers.help"),
        ({"answers": ANSWERS | {"payments": ["card", "cash-only"]}}, "answers.payments"),
        ({"answers": ANSWERS | {"shoe-size": "44"}}, "answers.shoe-size"),
        ({"answers": ANSWERS | {"help": ["a\u0000b"]}}, "answers.help.0"),
        ({"answers": ANSWERS | {"help": {"myself": True}}}, "answers.help"),
        ({"answers": ANSWERS | {"help": 3}}, "answers.help"),
        ({"answers": ANSWERS | {"help": True}}, "answers.help.0"),
        ({"answers": ANSWERS | {"help": 2**70}}, "answers.help.0"),
        ({"answers": ANSWERS | {"help": 1.5}}, "answers.help"),
        ({"note": "please"}, "note"),
    ],
)
async def test_what_does_not_fit_is_refused_naming_the_field_and_nothing_is_stored(
    *, service: Service, submit: Submit, merchant: UUID, changes: dict[str, Any], field: str
) -> None:
    answer = await submit(submission(merchant, **changes), owner_of(merchant))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field
    assert await stored(service) == len(await outbox_bodies(service)) == 0


async def test_a_merchant_that_has_closed_is_assessed_no_more(
    service: Service, client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    await submit(submission(merchant), who)
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(closed(merchant))])
    answer = await submit(submission(merchant), who)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:cococity:problem:merchant-closed"
    # What it learned before stays readable.
    kept = await client.get(f"/api/v1/assessments?merchant={merchant}", headers=who)
    assert len(kept.json()["items"]) == 1


async def test_a_merchants_assessments_are_listed_latest_first_page_by_page(
    client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    ids = [(await submit(submission(merchant), who)).json()["id"] for _ in range(5)]
    seen: list[str] = []
    url: str | None = f"/api/v1/assessments?merchant={merchant}&limit=2"
    while url:
        answer = await client.get(url, headers=who)
        seen += [item["id"] for item in answer.json()["items"]]
        assert all(item["first_step"] == "claim-google-profile" for item in answer.json()["items"])
        url = answer.links.get("next", {}).get("url")
    assert seen == ids[::-1]


async def test_an_assessment_is_read_in_the_language_asked_for(
    client: httpx.AsyncClient, submit: Submit, merchant: UUID
) -> None:
    who = owner_of(merchant)
    handed_in = (await submit(submission(merchant), who)).json()
    read = await client.get(f"/api/v1/assessments/{handed_in['id']}?language=de", headers=who)
    assert read.json()["recommendations"][0]["title"] == "Nehmen Sie Ihr Google-Profil in die Hand"
    untranslated = ("id", "score", "completed_at", "merchant_id")
    assert {key: read.json()[key] for key in untranslated} == {key: handed_in[key] for key in untranslated}
    missing = await client.get(f"/api/v1/assessments/{new_id()}", headers=who)
    assert missing.status_code == 404


async def test_the_questionnaire_is_public_and_does_not_tell_what_answers_are_worth(
    client: httpx.AsyncClient,
) -> None:
    items = (await client.get("/api/v1/questionnaires", headers={"Accept-Language": "nl"})).json()["items"]
    assert [(item["name"], item["version"], item["title"]) for item in items] == [
        ("digital-maturity", 1, "Mijn zaak en het internet"),
        ("full-assessment", 1, "De digitale balans van mijn zaak"),
        ("session-form", 1, "Hoe staat mijn zaak ervoor?"),
    ]
    shown = await client.get("/api/v1/questionnaires/digital-maturity?language=en")
    assert len(shown.json()["questions"]) == items[0]["questions"] == 14
    assert "points" not in shown.text
    mailing = next(each for each in shown.json()["questions"] if each["key"] == "mailing")
    bounds = {"at_least": None, "at_most": None}
    assert mailing["shown_if"] == {"question": "customer-list", "any_of": ["digital", "paper"], **bounds}
    for unknown in ("shoe-size", "digital-maturity?version=2"):
        assert (await client.get(f"/api/v1/questionnaires/{unknown}")).status_code == 404
    bad = await client.get("/api/v1/questionnaires/digital-maturity?language=xx")
    assert bad.status_code == 422
