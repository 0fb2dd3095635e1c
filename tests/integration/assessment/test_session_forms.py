"""Whoever has a session's code fills in its form, and later gives it to their shop."""

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
from contracts.assessment.v1 import AssessmentCompleted
from contracts.envelope import encode
from services.assessment import merchants
from services.assessment.assessments.attaching import KEPT
from services.assessment.main import HISTORY
from services.assessment.retention import CODE_KEPT
from services.assessment.sessions.joining import WRONG_CODES
from tests.integration.assessment.conftest import closed, listed, news, owner_of, token
from tests.integration.assessment.hall import ANSWERS, SCORE, Hall, consultant
from tests.integration.assessment.test_submission import decoder, outbox_bodies
from tests.support.delivered import deliver
from tests.support.erasures import erasure_of


async def rows(service: Service, query: str) -> list[Any]:
    async with service.database.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def attach(
    client: httpx.AsyncClient, form: dict[str, Any], merchant: UUID, **changes: Any
) -> httpx.Response:
    body = {"merchant_id": str(merchant), "secret": form["secret"]} | changes
    headers = {**owner_of(merchant), "Idempotency-Key": str(new_id())}
    return await client.post(f"/api/v1/assessments/{form['id']}/merchant", json=body, headers=headers)


async def test_whoever_has_the_code_sees_the_form_in_their_language(
    hall: Hall, client: httpx.AsyncClient
) -> None:
    typed = f" {hall.code[:3].lower()}-{hall.code[3:].lower()} "
    joined = await client.get(f"/api/v1/join/{typed}?language=nl")
    assert joined.status_code == 200, joined.text
    shown = joined.json()
    assert shown["session"]["id"] == hall.session["id"]
    assert shown["questionnaire"]["title"] == "Hoe staat mijn zaak ervoor?"
    assert len(shown["questionnaire"]["questions"]) == 8
    assert shown["merchant_kinds"][0] == {"key": "food", "text": "Voeding (bakker, slager, kruidenier…)"}


async def test_a_form_without_an_account_is_scored_and_told_to_nobody(hall: Hall, service: Service) -> None:
    answer = await hall.hand_in(merchant_kind="food")
    assert answer.status_code == 201, answer.text
    form = answer.json()
    assert form["score"] == SCORE
    assert form["band"]["title"] == "Lancé"
    assert form["recommendations"][0]["key"] == "claim-google-profile"
    assert form["merchant_id"] is None
    stored = "SELECT session_id::text, merchant_id, completed_by, merchant_kind, score FROM assessments"
    assert await rows(service, stored) == [(hall.session["id"], None, None, "food", SCORE)]
    assert await outbox_bodies(service) == []


async def test_the_secret_of_a_form_stands_nowhere_in_the_database(hall: Hall, service: Service) -> None:
    key = str(new_id())
    secret = (await hall.hand_in(key=key)).json()["secret"]
    assert len(secret) == 43
    kept = str(await rows(service, "SELECT * FROM idempotency")) + str(
        await rows(service, "SELECT * FROM form_secrets")
    )
    assert secret not in kept
    assert key not in kept, "with it, the secret could be made again"


async def test_a_telephone_that_tries_again_gets_the_same_answer_and_counts_once(
    hall: Hall, service: Service
) -> None:
    key = str(new_id())
    answers = await asyncio.gather(*(hall.hand_in(key=key) for _ in range(4)))
    answers.append(await hall.hand_in(key=key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({(answer.json()["id"], answer.json()["secret"]) for answer in answers}) == 1
    assert await rows(service, "SELECT count(*) FROM assessments") == [(1,)]
    assert (await hall.hand_in(key=key, merchant_kind="food")).status_code == 409


@pytest.mark.parametrize("key", ["1", "", "x" * 32])
async def test_two_telephones_cannot_choose_the_same_key(hall: Hall, key: str) -> None:
    headers = {"Idempotency-Key": key}
    answer = await hall.client.post(
        f"/api/v1/join/{hall.code}/forms", json={"answers": ANSWERS}, headers=headers
    )
    assert answer.status_code == 400
    assert answer.json()["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"answers": {}}, "answers"),
        ({"answers": ANSWERS | {"ease": 9}}, "answers.ease"),
        ({"answers": ANSWERS | {"shoe-size": "44"}}, "answers.shoe-size"),
        ({"merchant_kind": "shoe-size"}, "merchant_kind"),
        ({"merchant_id": "x"}, "merchant_id"),
        ({"score": 100}, "score"),
    ],
)
async def test_what_does_not_fit_is_refused_naming_the_field(
    hall: Hall, service: Service, changes: dict[str, Any], field: str
) -> None:
    answer = await hall.hand_in(**changes)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert await rows(service, "SELECT count(*) FROM assessments") == [(0,)]


async def test_forms_are_taken_from_shortly_before_until_some_hours_after(hall: Hall) -> None:
    begins, ends = (hall.session[name] for name in ("starts_at", "ends_at"))
    moment = type(utc_now()).fromisoformat
    seen = []
    for at in (
        moment(begins) - timedelta(minutes=31),
        moment(begins) - timedelta(minutes=30),
        moment(ends) + timedelta(hours=6) - timedelta(milliseconds=1),
        moment(ends) + timedelta(hours=6),
    ):
        hall.at(at)
        seen.append((await hall.hand_in()).status_code)
    assert seen == [409, 201, 201, 409]


async def test_the_code_of_a_session_that_was_called_off_opens_nothing(hall: Hall) -> None:
    await hall.post("/cancel")
    assert (await hall.hand_in()).status_code == 404


async def test_guessing_codes_is_limited_by_network_and_the_hall_is_another(
    hall: Hall, client: httpx.AsyncClient
) -> None:
    guesser, room = ({"X-Forwarded-For": address} for address in ("203.0.113.9", "203.0.113.10"))
    hall.at(utc_now())
    tried = [
        (await client.get(f"/api/v1/join/{code}", headers=guesser)).status_code
        for code in ["222222", "%3F", "AAAAAA", "2222223"] * (WRONG_CODES.most // 4)
    ]
    assert set(tried) == {404}
    refused = await client.get(f"/api/v1/join/{hall.code}", headers=guesser)
    assert refused.status_code == 429, "the right one, too: else guessing would go on"
    assert int(refused.headers["retry-after"]) <= WRONG_CODES.window.total_seconds()
    assert (await client.get(f"/api/v1/join/{hall.code}", headers=room)).status_code == 200


async def test_a_telephone_that_tries_again_when_forms_are_closed_gets_its_first_answer(
    hall: Hall, service: Service
) -> None:
    key, now = str(new_id()), utc_now()
    first = await hall.hand_in(key=key)
    hall.at(now + timedelta(hours=9))
    again = await hall.hand_in(key=key)
    assert (again.status_code, again.json()) == (201, first.json()), again.text
    assert again.headers["idempotency-replayed"] == "true"
    assert (await hall.hand_in()).json()["type"].endswith("forms-closed")
    other = await hall.hand_in(key=key, answers=ANSWERS | {"posts": 3})
    assert other.json()["type"].endswith("idempotency-key-reused")

    await enforce(service.database, service.retention, now + CODE_KEPT + timedelta(hours=3))
    assert (await hall.hand_in(key=key)).json() == first.json(), "its code is another session's by now"
    async with service.database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM assessments")) == 1


async def test_a_merchant_hands_in_for_the_shop_and_that_is_told(
    hall: Hall, service: Service, merchant: UUID
) -> None:
    answer = await hall.hand_in(owner_of(merchant), merchant_id=str(merchant))
    assert answer.status_code == 201, answer.text
    assert answer.json()["secret"] is None
    event = decoder.decode((await outbox_bodies(service))[0])
    assert event is not None
    assert isinstance(event.fact, AssessmentCompleted)
    assert (event.fact.merchant_id, event.fact.questionnaire) == (merchant, "session-form")


async def test_nobody_hands_in_for_a_shop_that_is_not_theirs(hall: Hall, merchant: UUID) -> None:
    named: dict[str, Any] = {"merchant_id": str(merchant)}
    assert (await hall.hand_in(**named)).status_code == 401
    assert (await hall.hand_in(owner_of(new_id()), **named)).status_code == 403
    assert (await hall.hand_in(token(), **named)).status_code == 403
    assert (await hall.hand_in(consultant(), **named)).status_code == 201


async def test_the_owner_makes_a_form_the_shops_by_its_secret_and_then_it_is_told(
    hall: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    form = (await hall.hand_in(merchant_kind="food")).json()
    attached = await attach(client, form, merchant)
    assert attached.status_code == 200, attached.text
    assert attached.json()["merchant_id"] == str(merchant)
    assert attached.json()["completed_at"] == form["completed_at"]
    listing = await client.get(f"/api/v1/assessments?merchant={merchant}", headers=owner_of(merchant))
    assert [each["id"] for each in listing.json()["items"]] == [form["id"]]
    (body,) = await outbox_bodies(service)
    event = decoder.decode(body)
    assert event is not None
    assert event.time.isoformat() == form["completed_at"].replace("Z", "+00:00"), "when it happened"
    async with service.database.connection() as connection:
        assert [encode(again) async for again in HISTORY(connection)] == [body]
    assert (await attach(client, form, merchant)).status_code == 404, "once"


async def test_of_two_owners_with_one_secret_one_gets_the_form(
    hall: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    other = new_id()
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(listed(other))])
    form = (await hall.hand_in()).json()
    answers = await asyncio.gather(*(attach(client, form, shop) for shop in (merchant, other) * 3))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 5
    assert len(await outbox_bodies(service)) == 1


async def test_without_its_secret_or_for_a_closed_shop_a_form_stays_nobodys(
    hall: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    form = (await hall.hand_in()).json()
    other = (await hall.hand_in()).json()
    assert (await attach(client, form, merchant, secret=other["secret"])).status_code == 404
    headers = {**owner_of(new_id()), "Idempotency-Key": str(new_id())}
    body = {"merchant_id": str(merchant), "secret": form["secret"]}
    stranger = await client.post(f"/api/v1/assessments/{form['id']}/merchant", json=body, headers=headers)
    assert stranger.status_code == 403
    async with service.database.transaction() as tx:
        await merchants.apply(tx, [news(closed(merchant))])
    assert (await attach(client, form, merchant)).status_code == 409
    assert await rows(service, "SELECT count(*) FROM assessments WHERE merchant_id IS NOT NULL") == [(0,)]


async def test_after_thirty_days_a_form_is_nobodys_for_good(
    hall: Hall, client: httpx.AsyncClient, service: Service, merchant: UUID
) -> None:
    form = (await hall.hand_in()).json()
    hall.at(utc_now() + KEPT + timedelta(minutes=1))
    assert (await attach(client, form, merchant)).status_code == 404
    await enforce(service.database, service.retention, utc_now() + KEPT + timedelta(minutes=1))
    assert await rows(service, "SELECT * FROM form_secrets") == []
    assert await rows(service, "SELECT count(*) FROM assessments") == [(1,)]


async def test_somebody_signed_in_sees_their_form_among_their_data_until_they_are_erased(
    hall: Hall, client: httpx.AsyncClient, service: Service
) -> None:
    person = new_id()
    form = (await hall.hand_in(token(person=person))).json()
    held = (await client.get("/api/v1/people/me/data/assessment", headers=token(person=person))).json()
    assert [each["id"] for each in held["data"]["assessments"]] == [form["id"]]
    await deliver(service, erasure_of(person))
    assert await rows(service, "SELECT completed_by, score FROM assessments") == [(None, SCORE)]


async def test_with_a_shop_that_closes_with_its_owner_its_forms_go(
    hall: Hall, service: Service, merchant: UUID, client: httpx.AsyncClient
) -> None:
    attached, other = [(await hall.hand_in()).json() for _ in range(2)]
    await attach(client, attached, merchant)
    await deliver(service, erasure_of(new_id(), closed=[merchant]))
    assert await rows(service, "SELECT id::text FROM assessments") == [(other["id"],)]


async def test_consultants_read_a_form_of_no_shop_and_nobody_else_does(
    hall: Hall, client: httpx.AsyncClient, merchant: UUID
) -> None:
    form = (await hall.hand_in()).json()
    path = f"/api/v1/assessments/{form['id']}"
    assert (await client.get(path, headers=consultant())).status_code == 200
    assert (await client.get(path, headers=owner_of(merchant))).status_code == 403
    assert (await client.get(path)).status_code == 401
