"""What a shop did since its last assessment, and what went with which change over many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from contracts.envelope import encode
from services.assessment import merchants
from services.assessment.assessments.submission import Assessment
from services.assessment.progress.many import add_up
from services.assessment.progress.reminders import remind
from tests.integration.assessment.conftest import CITY, closed, listed, news, owner_of, token
from tests.integration.assessment.populations import CATALOGUE, Somebody, hand_in, some
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

OPERATOR = token({"role": "operator"})
NOW = utc_now()
BEFORE = NOW - timedelta(days=100)
POOR = {
    "maps-profile": ["nothing"],
    "search-rank": ["not-there"],
    "review-watch": ["never"],
    "website": ["none"],
}
GOOD = POOR | {"maps-profile": ["mine-and-current"], "search-rank": ["first-page"]}


async def twice(
    service: Service, shop: UUID, answers: dict[str, Any] = GOOD
) -> tuple[Assessment, Assessment]:
    """Assessed a hundred days ago, and again now."""
    (first,) = await hand_in(service, [Somebody(POOR, at=BEFORE, merchant=shop)])
    (second,) = await hand_in(service, [Somebody(answers, at=NOW, merchant=shop)])
    return first, second


def day(at: datetime) -> str:
    return at.date().isoformat()


async def declare(client: httpx.AsyncClient, of: Assessment, kind: str, key: str, on: str) -> httpx.Response:
    assert of.merchant_id
    path = f"/api/v1/assessments/{of.id}/done/{kind}/{key}"
    return await client.put(path, json={"done_on": on}, headers=owner_of(of.merchant_id))


async def test_progress_is_the_change_by_dimension_with_what_was_done_in_between(
    service: Service, client: httpx.AsyncClient
) -> None:
    first, second = await twice(service, new_id())
    assert first.merchant_id
    who = owner_of(first.merchant_id)
    for kind, key, on in (
        ("action", "claim-google-profile", day(BEFORE + timedelta(days=3))),
        ("training", "free-visibility", day(BEFORE + timedelta(days=9))),
        ("tool", "google-business-profile", day(NOW - timedelta(days=1))),
    ):
        answer = await declare(client, first, kind, key, on)
        assert (answer.status_code, answer.json()["done_on"]) == (200, on), answer.text
    path = f"/api/v1/assessments/{second.id}/progress"
    told = (await client.get(path, params={"language": "nl"}, headers=who)).json()
    assert told["comparison"]["before"] == str(first.id)
    moved = {each["key"]: each["change"] for each in told["comparison"]["dimensions"]}
    assert moved == {"visibility": 100, "reputation": 0, "website": 0}
    assert [(each["kind"], each["key"]) for each in told["done"]] == [
        ("action", "claim-google-profile"),
        ("training", "free-visibility"),
        ("tool", "google-business-profile"),
    ]
    assert told["done"][0]["text"] == "Neem uw Google-profiel in handen"


async def test_what_is_declared_can_be_dated_anew_and_taken_back(
    service: Service, client: httpx.AsyncClient
) -> None:
    first, _ = await twice(service, new_id())
    assert first.merchant_id
    who, path = owner_of(first.merchant_id), f"/api/v1/assessments/{first.id}/done"
    for on in (day(BEFORE), day(NOW)):
        assert (await declare(client, first, "tool", "canva", on)).status_code == 200
    items = (await client.get(path, headers=who)).json()["items"]
    assert items == [{"kind": "tool", "key": "canva", "text": "Canva", "done_on": day(NOW)}]
    assert (await client.delete(f"{path}/tool/canva", headers=who)).status_code == 204
    assert (await client.delete(f"{path}/tool/canva", headers=who)).status_code == 404
    assert (await client.get(path, headers=who)).json()["items"] == []


@pytest.mark.parametrize(
    ("what", "on", "status"),
    [
        (("tool", "canva"), day(BEFORE - timedelta(days=2)), 422),
        (("tool", "canva"), day(NOW + timedelta(days=2)), 422),
        (("tool", "canva"), "yesterday", 422),
        (("tool", "abacus"), day(NOW), 404),
        (("training", "canva"), day(NOW), 404),
        (("action", "answer-reviews"), day(NOW), 404),
        (("dance", "canva"), day(NOW), 422),
    ],
)
async def test_what_cannot_have_been_done_is_refused(
    service: Service, client: httpx.AsyncClient, what: tuple[str, str], on: str, status: int
) -> None:
    first, _ = await twice(service, new_id())
    answer = await declare(client, first, *what, on)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert answer.json()["field"] in {"done_on", "kind"}


async def test_without_an_earlier_assessment_there_is_no_progress(
    service: Service, client: httpx.AsyncClient
) -> None:
    shop, other = new_id(), new_id()
    (only,) = await hand_in(service, [Somebody(POOR, merchant=shop)])
    (theirs,) = await hand_in(service, [Somebody(POOR, merchant=other)])
    path = f"/api/v1/assessments/{only.id}/progress"
    assert (await client.get(path, headers=owner_of(shop))).status_code == 404
    everywhere = token({"role": "consultant"})
    answer = await client.get(path, params={"since": str(theirs.id)}, headers=everywhere)
    assert answer.status_code == 404


async def of_many(client: httpx.AsyncClient, *cities: UUID) -> Any:
    asked = {"city": [str(each) for each in cities or (CITY,)], "language": "en"}
    answer = await client.get("/api/v1/progress", params=asked, headers=OPERATOR)
    assert answer.status_code == 200, answer.text
    return answer.json()


def group(told: Any, kind: str, key: str | None = None) -> Any:
    return next((each for each in told["groups"] if (each["kind"], each["key"]) == (kind, key)), None)


async def test_what_went_with_which_change_is_told_from_twenty_shops_on(
    service: Service, client: httpx.AsyncClient
) -> None:
    for number in range(19):
        first, _ = await twice(service, new_id(), GOOD if number < 9 else POOR)
        if number < 9:
            await declare(client, first, "training", "free-visibility", day(BEFORE))
    await add_up(service.database, CATALOGUE)
    told = await of_many(client)
    everybody = group(told, "all")
    assert (everybody["shops"], everybody["change"]) == (19, None)
    assert everybody["note"] == "Not enough data (fewer than 20 shops)"

    for _ in range(11):
        first, _ = await twice(service, new_id(), GOOD)
        await declare(client, first, "training", "free-visibility", day(BEFORE))
    await add_up(service.database, CATALOGUE)
    told = await of_many(client)
    trained = group(told, "training", "free-visibility")
    assert (trained["shops"], trained["change"]) == (20, {"mean": 33.0, "low": 33.0, "high": 33.0})
    assert trained["text"]
    everybody = group(told, "all")
    assert everybody["shops"] == 30
    assert everybody["change"]["low"] < everybody["change"]["mean"] == 22.0 < everybody["change"]["high"]
    assert group(told, "dimension", "visibility")["change"]["mean"] == 66.7
    assert "nothing here says what caused the change" in told["caution"]


async def test_fewer_than_five_shops_wait_and_nobody_is_told_apart(
    service: Service, client: httpx.AsyncClient
) -> None:
    for _ in range(4):
        await twice(service, new_id())
    await add_up(service.database, CATALOGUE)
    assert (await of_many(client))["groups"] == []

    first, _ = await twice(service, new_id())
    await declare(client, first, "tool", "canva", day(BEFORE))
    await asyncio.gather(*(add_up(service.database, CATALOGUE) for _ in range(3)))
    told = await of_many(client)
    assert group(told, "all")["shops"] == 5
    assert group(told, "tool", "canva") is None


async def test_pairs_too_near_or_not_comparable_are_no_progress(
    service: Service, client: httpx.AsyncClient
) -> None:
    near = NOW - timedelta(days=20)
    for _ in range(5):
        shop = new_id()
        await hand_in(service, [Somebody(POOR, at=near, merchant=shop)])
        await hand_in(service, [Somebody(GOOD, at=NOW, merchant=shop)])
    for each in some(Random(1), 5, questionnaire="digital-maturity", at=BEFORE, skipped=0):
        each.merchant = new_id()
        await hand_in(service, [each, Somebody(GOOD, at=NOW, merchant=each.merchant)])
    await add_up(service.database, CATALOGUE)
    assert (await of_many(client))["groups"] == []


async def told_of(service: Service) -> list[UUID]:
    async with service.database.connection() as connection:
        query = "SELECT assessment_id FROM reassessments_due ORDER BY assessment_id"
        return [*(await connection.execute(text(query))).scalars()]


async def subjects(service: Service) -> int:
    async with service.database.connection() as connection:
        query = "SELECT count(*) FROM outbox WHERE subject LIKE 'assessment.reassessment-due.v1.%'"
        return int(await connection.scalar(text(query)) or 0)


async def test_a_shop_is_reminded_once_six_months_after_its_newest_assessment(
    service: Service, merchant: UUID
) -> None:
    shops = [merchant, new_id()]
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(shops[1]))])
    at = datetime.fromisoformat("2026-01-10T12:00:00+00:00")
    (due,) = await hand_in(service, [Somebody(POOR, at=at, merchant=shops[0])])
    await hand_in(service, [Somebody(POOR, at=at, merchant=shops[1])])
    await hand_in(service, [Somebody(POOR, at=at + timedelta(days=90), merchant=shops[1])])
    await hand_in(service, [Somebody(POOR, at=at, merchant=new_id()), Somebody(POOR, at=at)])

    await remind(service.database, datetime.fromisoformat("2026-07-10T11:59:00+00:00"))
    assert await told_of(service) == []
    now = datetime.fromisoformat("2026-07-10T12:01:00+00:00")
    await asyncio.gather(*(remind(service.database, now) for _ in range(3)))
    await remind(service.database, now + timedelta(days=1))
    assert (await told_of(service), await subjects(service)) == ([due.id], 1)


async def test_a_reminder_is_told_again_to_the_byte(service: Service, merchant: UUID) -> None:
    await hand_in(service, [Somebody(POOR, at=BEFORE, merchant=merchant)])
    await remind(service.database, NOW + timedelta(days=120))
    assert service.republish is not None
    async with service.database.connection() as connection:
        query = "SELECT id, body FROM outbox WHERE subject LIKE 'assessment.reassessment-due.v1.%'"
        ((event_id, body),) = await connection.execute(text(query))
        again = [event async for event in service.republish(connection)]
    assert [encode(each) for each in again if each.id == event_id] == [body]


async def test_a_closed_shop_and_one_long_overdue_are_left_in_peace(service: Service, merchant: UUID) -> None:
    at = datetime.fromisoformat("2026-01-10T12:00:00+00:00")
    await hand_in(service, [Somebody(POOR, at=at, merchant=merchant)])
    await remind(service.database, at + timedelta(days=270))
    assert await told_of(service) == []
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(closed(merchant))])
    await remind(service.database, at + timedelta(days=200))
    assert await told_of(service) == []


async def test_reminders_and_declarations_of_an_erased_shop_go_with_its_assessments(
    service: Service, client: httpx.AsyncClient, merchant: UUID, submit: Callable[..., Any]
) -> None:
    first, _ = await twice(service, merchant)
    await declare(client, first, "tool", "canva", day(BEFORE))
    await remind(service.database, NOW + timedelta(days=200))
    assert len(await told_of(service)) == 1
    own = await client.get("/api/v1/people/me/data/assessment", headers=owner_of(merchant))
    assert [each["key"] for each in own.json()["data"]["declared_done"]] == ["canva"]

    await deliver(service, erasure_of(new_id(), closed=[merchant]))
    assert (await told_of(service), await subjects(service)) == ([], 0)
    own = await client.get("/api/v1/people/me/data/assessment", headers=owner_of(merchant))
    assert own.json()["data"]["declared_done"] == []
