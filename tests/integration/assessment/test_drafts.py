"""Answers are saved on the way without an account, and become an assessment by who has secret and shop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from chassis.ids import new_id
from chassis.retention import enforce
from chassis.service import Service
from services.assessment import merchants
from services.assessment.drafts import api
from services.assessment.drafts.use_cases import KEPT
from services.assessment.retention import RULES
from tests.integration.assessment.conftest import ANSWERS, closed, listed, news, owner_of, token

PATH = "/api/v1/assessment-drafts"
BEGUN = {"questionnaire": "digital-maturity", "version": 1}


@pytest_asyncio.fixture
async def draft(client: httpx.AsyncClient) -> AsyncIterator[dict[str, Any]]:
    """One with the first three answers."""
    answers = dict(list(ANSWERS.items())[:3])
    started = await client.post(PATH, json={**BEGUN, "answers": answers})
    assert started.status_code == 201, started.text
    yield started.json()


def holding(draft: dict[str, Any], **more: str) -> dict[str, str]:
    return {"Draft-Secret": draft["secret"], **more}


async def save(client: httpx.AsyncClient, draft: dict[str, Any], answers: Any, tag: str) -> httpx.Response:
    headers = holding(draft, **{"If-Match": tag})
    return await client.put(f"{PATH}/{draft['id']}", json={"answers": answers}, headers=headers)


async def hand_in(
    client: httpx.AsyncClient,
    draft: dict[str, Any],
    merchant: UUID,
    who: dict[str, str],
    *,
    key: str | None = None,
    **more: Any,
) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(new_id()), **holding(draft), **who}
    body = {"merchant_id": str(merchant), **more}
    return await client.post(f"{PATH}/{draft['id']}/assessment", json=body, headers=headers)


async def everything(service: Service) -> list[Any]:
    async with service.database.connection() as connection:
        return [dict(row) for row in (await connection.execute(text("SELECT * FROM drafts"))).mappings()]


async def test_a_draft_is_gone_on_with_later(client: httpx.AsyncClient, draft: dict[str, Any]) -> None:
    resumed = await client.get(f"{PATH}/{draft['id']}", headers=holding(draft))
    assert resumed.json()["answers"]["maps-profile"] == ["not-mine"]
    assert resumed.headers["etag"] == '"1"'
    assert resumed.headers["cache-control"] == "no-store"
    assert "secret" not in resumed.json()
    saved = await save(client, draft, ANSWERS, '"1"')
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    again = await client.get(f"{PATH}/{draft['id']}", headers=holding(draft))
    assert again.json()["answers"].keys() == ANSWERS.keys()


async def test_the_outcome_is_seen_before_anybody_is_told_whose_it_is(
    service: Service, client: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    early = await client.get(f"{PATH}/{draft['id']}/outcome", headers=holding(draft))
    assert early.status_code == 422
    assert early.json()["errors"][0]["field"] == "answers"
    await save(client, draft, ANSWERS, '"1"')
    outcome = await client.get(f"{PATH}/{draft['id']}/outcome?language=nl", headers=holding(draft))
    assert outcome.json()["score"] == 29
    assert outcome.headers["cache-control"] == "no-store"
    assert outcome.json()["recommendations"][0]["title"] == "Neem uw Google-profiel in handen"
    async with service.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM outbox")) == 0


async def test_who_saves_second_on_an_old_draft_is_told(
    client: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    both = await asyncio.gather(*(save(client, draft, ANSWERS, '"1"') for _ in range(4)))
    assert sorted(answer.status_code for answer in both) == [200, 412, 412, 412]
    bare = await client.put(f"{PATH}/{draft['id']}", json={"answers": {}}, headers=holding(draft))
    assert bare.status_code == 428


async def test_nobody_sees_a_draft_without_its_secret(
    client: httpx.AsyncClient, draft: dict[str, Any], merchant: UUID
) -> None:
    other = (await client.post(PATH, json=BEGUN)).json()
    for wrong in ({**draft, "secret": other["secret"]}, {**draft, "id": str(new_id())}):
        for method, path in (("GET", ""), ("GET", "/outcome"), ("DELETE", "")):
            answer = await client.request(method, f"{PATH}/{wrong['id']}{path}", headers=holding(wrong))
            assert answer.status_code == 404
        assert (await save(client, wrong, {}, "*")).status_code == 404
        assert (await hand_in(client, wrong, merchant, owner_of(merchant))).status_code == 404
    assert (await client.get(f"{PATH}/{draft['id']}")).status_code == 422
    assert (await client.get(f"{PATH}/{draft['id']}", headers=holding(draft))).status_code == 200


async def test_the_secret_is_long_and_stands_nowhere_in_the_database_or_a_log(
    service: Service, client: httpx.AsyncClient, merchant: UUID, capfd: pytest.CaptureFixture[str]
) -> None:
    begun = (await client.post(PATH, json={**BEGUN, "answers": ANSWERS})).json()
    assert len(begun["secret"]) >= 43  # 256 bits, 6 a character
    assert begun["secret"] not in str(await everything(service))
    await hand_in(client, begun, merchant, owner_of(merchant))
    async with service.database.connection() as connection:
        stored = [*(await connection.execute(text("SELECT * FROM idempotency"))).mappings()]
    assert stored
    assert begun["secret"] not in json.dumps([dict(row) for row in stored], default=str)
    assert begun["secret"] not in "".join(capfd.readouterr())


async def test_a_draft_becomes_the_assessment_of_its_owners_shop_and_is_gone(
    service: Service, client: httpx.AsyncClient, draft: dict[str, Any], merchant: UUID
) -> None:
    await save(client, draft, ANSWERS, '"1"')
    handed_in = await hand_in(client, draft, merchant, owner_of(merchant))
    assert handed_in.status_code == 201, handed_in.text
    assert (handed_in.json()["merchant_id"], handed_in.json()["score"]) == (str(merchant), 29)
    assert await everything(service) == []
    async with service.database.connection() as connection:
        bodies = await connection.scalars(text("SELECT convert_from(body, 'utf8') FROM outbox"))
        (told,) = bodies
    assert "maps-profile" not in told


async def test_a_draft_handed_in_twice_is_one_assessment(
    service: Service, client: httpx.AsyncClient, draft: dict[str, Any], merchant: UUID
) -> None:
    await save(client, draft, ANSWERS, '"1"')
    key, who = str(new_id()), owner_of(merchant)
    same = await asyncio.gather(*(hand_in(client, draft, merchant, who, key=key) for _ in range(4)))
    assert {answer.status_code for answer in same} == {201}
    assert len({answer.json()["id"] for answer in same}) == 1
    assert (await hand_in(client, draft, merchant, who)).status_code == 404
    async with service.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM assessments")) == 1


async def test_a_draft_that_two_hand_in_at_once_is_one_assessment(
    service: Service, client: httpx.AsyncClient, draft: dict[str, Any], merchant: UUID
) -> None:
    await save(client, draft, ANSWERS, '"1"')
    people = [owner_of(merchant) for _ in range(4)]
    answers = await asyncio.gather(*(hand_in(client, draft, merchant, who) for who in people))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]
    async with service.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM assessments")) == 1


async def test_a_draft_corrects_an_earlier_assessment_of_the_shop_alone(
    client: httpx.AsyncClient, draft: dict[str, Any], merchant: UUID
) -> None:
    await save(client, draft, ANSWERS, '"1"')
    who = owner_of(merchant)
    begun = (await client.post(PATH, json={**BEGUN, "answers": ANSWERS})).json()
    first = (await hand_in(client, begun, merchant, who)).json()["id"]
    refused = await hand_in(client, draft, merchant, who, corrects=str(new_id()))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "corrects")
    corrected = await hand_in(client, draft, merchant, who, corrects=first)
    assert (corrected.status_code, corrected.json()["corrects"]) == (201, first)


async def test_a_draft_is_handed_in_for_no_shop_of_somebody_else(
    service: Service, client: httpx.AsyncClient, draft: dict[str, Any], merchant: UUID
) -> None:
    await save(client, draft, ANSWERS, '"1"')
    other = new_id()
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(other)), news(closed(other))])
    assert (await hand_in(client, draft, merchant, {})).status_code == 401
    assert (await hand_in(client, draft, merchant, token())).status_code == 403
    assert (await hand_in(client, draft, merchant, owner_of(new_id()))).status_code == 403
    assert (await hand_in(client, draft, other, owner_of(other))).status_code == 409
    assert (await hand_in(client, draft, new_id(), owner_of(merchant))).status_code == 422
    assert len(await everything(service)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"questionnaire": "shoe-size"}, "questionnaire"),
        ({"version": 9}, "version"),
        ({"answers": {"maps-profile": "on-the-moon"}}, "answers.maps-profile"),
        ({"answers": {"help": ["a\u0000b"]}}, "answers.help.0"),
        ({"merchant_id": str(new_id())}, "merchant_id"),
    ],
)
async def test_what_does_not_fit_is_refused_naming_the_field(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    refused = await client.post(PATH, json={**BEGUN, **body})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field


async def test_a_draft_is_forgotten_at_once_or_a_month_after_its_last_save(
    service: Service, client: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    other = (await client.post(PATH, json=BEGUN)).json()
    assert (await client.delete(f"{PATH}/{other['id']}", headers=holding(other))).status_code == 204
    assert [str(row["id"]) for row in await everything(service)] == [draft["id"]]

    last = datetime.fromisoformat((await save(client, draft, ANSWERS, "*")).json()["saved_at"])
    await enforce(service.database, RULES, last + KEPT - timedelta(minutes=1))
    assert len(await everything(service)) == 1
    service.clock = lambda: last + KEPT
    over = await client.get(f"{PATH}/{draft['id']}", headers=holding(draft))
    assert over.status_code == 404, "over before the job came round"
    await enforce(service.database, RULES, last + KEPT)
    assert await everything(service) == []


@pytest.mark.parametrize("limit", ["STARTED_IN_AN_HOUR", "STARTED_IN_A_DAY"])
async def test_one_network_begins_only_so_many_drafts(
    service: Service, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(api, limit, replace(getattr(api, limit), most=2))
    here = {"X-Forwarded-For": "203.0.113.7"}
    answers = [await client.post(PATH, json=BEGUN, headers=here) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    there = await client.post(PATH, json=BEGUN, headers={"X-Forwarded-For": "203.0.113.8"})
    assert there.status_code == 201
    assert len(await everything(service)) == 3
    async with service.database.connection() as connection:
        kept = [*(await connection.execute(text("SELECT * FROM limit_count"))).mappings()]
    assert b"203.0.113" not in b"".join(bytes(row["who"]) for row in kept)
