"""A shop asks for a training or a visit with its consent to be contacted, and takes it back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.retention import enforce
from chassis.service import Service
from contracts.assessment.v1 import TrainingRequested, TrainingRequestWithdrawn
from contracts.envelope import Decoder, encode
from services.assessment import merchants
from services.assessment.main import HISTORY
from services.assessment.retention import REQUEST_FOR
from tests.integration.assessment.conftest import CITY, closed, news, owner_of, token
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of

PATH = "/api/v1/training-requests"
decoder = Decoder({fact.TYPE: fact for fact in (TrainingRequested, TrainingRequestWithdrawn)})


def wanted(merchant: UUID, **changes: Any) -> dict[str, Any]:
    body = {"merchant_id": str(merchant), "wish": "visit", "language": "de", "may_be_contacted": True}
    return body | changes


async def ask(
    client: httpx.AsyncClient, body: dict[str, Any], who: dict[str, str], key: str | None = None
) -> httpx.Response:
    return await client.post(PATH, json=body, headers={**who, "Idempotency-Key": key or str(new_id())})


async def rows(service: Service, query: str) -> list[Any]:
    async with service.database.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def told(service: Service) -> list[bytes]:
    return [bytes(body) for (body,) in await rows(service, "SELECT body FROM outbox ORDER BY id")]


async def test_a_request_is_told_without_a_person_and_again_under_the_same_id(
    client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    person = new_id()
    who = token({"role": "merchant", "city": str(CITY), "merchant": str(merchant)}, person=person)
    asked = await ask(client, wanted(merchant), who)
    assert asked.status_code == 201, asked.text
    made = asked.json()
    assert (await client.delete(f"{PATH}/{made['id']}", headers=who)).status_code == 204
    bodies = await told(service)
    facts = [event.fact for body in bodies if (event := decoder.decode(body))]
    request_id = UUID(made["id"])
    assert facts == [
        TrainingRequested(
            city_id=CITY, request_id=request_id, merchant_id=merchant, wish="visit", language="de"
        ),
        TrainingRequestWithdrawn(city_id=CITY, request_id=request_id, merchant_id=merchant),
    ]
    assert str(person).encode() not in b"".join(bodies)
    async with service.database.connection() as connection:
        assert [encode(event) async for event in HISTORY(connection)] == bodies


async def test_one_that_is_sent_twice_or_ten_times_at_once_is_one(
    client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    body, who = wanted(merchant), owner_of(merchant)
    answers = await asyncio.gather(*(ask(client, body, who) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert {a.json()["type"] for a in answers if a.status_code == 409} == {
        "urn:cococity:problem:already-requested"
    }
    other = wanted(merchant, wish="better-website")
    twice = [await ask(client, other, who, "same-key-twice") for _ in range(2)]
    assert [answer.status_code for answer in twice] == [201, 201]
    assert twice[0].json() == twice[1].json()
    assert await rows(service, "SELECT count(*) FROM training_requests") == [(2,)]
    assert len(await told(service)) == 2


async def test_what_was_withdrawn_is_not_withdrawn_again_and_can_be_asked_for_anew(
    client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    who = owner_of(merchant)
    first = (await ask(client, wanted(merchant), who)).json()
    for _ in range(2):
        assert (await client.delete(f"{PATH}/{first['id']}", headers=who)).status_code == 204
    second = await ask(client, wanted(merchant), who)
    assert second.status_code == 201
    listed = (await client.get(PATH, params={"merchant": str(merchant)}, headers=who)).json()["items"]
    assert [(each["id"], each["withdrawn_at"] is None) for each in listed] == [
        (second.json()["id"], True),
        (first["id"], False),
    ]
    assert len(await told(service)) == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"may_be_contacted": False}, "may_be_contacted"),
        ({"may_be_contacted": "yes"}, "may_be_contacted"),
        ({"wish": "juggling"}, "wish"),
        ({"wish": "\x00"}, "wish"),
        ({"language": "xx"}, "language"),
        ({"merchant_id": str(UUID(int=0))}, "merchant_id"),
        ({"telephone": "0470"}, "telephone"),
    ],
)
async def test_without_consent_or_with_a_bad_field_there_is_no_request(
    client: httpx.AsyncClient, service: Service, merchant: UUID, changes: dict[str, Any], field: str
) -> None:
    answer = await ask(client, wanted(merchant, **changes), owner_of(merchant))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert await rows(service, "SELECT * FROM training_requests") == []


async def test_consent_is_the_shops_own(client: httpx.AsyncClient, merchant: UUID) -> None:
    made = (await ask(client, wanted(merchant), owner_of(merchant))).json()
    for other in (token({"role": "consultant"}), owner_of(new_id())):
        assert (await ask(client, wanted(merchant, wish="better-website"), other)).status_code == 403
        assert (await client.delete(f"{PATH}/{made['id']}", headers=other)).status_code == 403
    assert (await client.post(PATH, json=wanted(merchant))).status_code == 401
    missing = await client.delete(f"{PATH}/{new_id()}", headers=owner_of(merchant))
    assert missing.status_code == 404


async def test_a_shop_that_has_closed_asks_for_nothing(
    client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(closed(merchant))])
    answer = await ask(client, wanted(merchant), owner_of(merchant))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cococity:problem:merchant-closed")


@pytest.mark.parametrize("how", ["closed", "left"])
async def test_consent_goes_with_the_account_in_which_it_was_given(
    client: httpx.AsyncClient, service: Service, merchant: UUID, how: str
) -> None:
    staff = token({"role": "merchant_staff", "city": str(CITY), "merchant": str(merchant)})
    await ask(client, wanted(merchant), staff)
    shown = await client.get("/api/v1/people/me/data/assessment", headers=owner_of(merchant))
    assert [each["wish"] for each in shown.json()["data"]["training_requests"]] == ["visit"]
    closes, leaves = ([merchant], []) if how == "closed" else ([], [merchant])
    await deliver(service, erasure_of(new_id(), closed=closes, left=leaves))
    assert await rows(service, "SELECT * FROM training_requests") == []


async def test_after_two_years_nobody_is_called_any_more(
    client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    await ask(client, wanted(merchant), owner_of(merchant))
    for days, left in ((-1, 1), (1, 0)):
        await enforce(service.database, service.retention, utc_now() + REQUEST_FOR + timedelta(days=days))
        assert await rows(service, "SELECT count(*) FROM training_requests") == [(left,)]
