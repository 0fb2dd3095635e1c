import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import text

from chassis import maintenance
from chassis.access import PUBLIC
from chassis.clock import utc_now
from chassis.database import Database, Transaction
from chassis.http import Body, ShortText
from chassis.idempotency import Answer, Attempt
from chassis.ids import new_id
from chassis.problems import conflict
from chassis.retention import enforce
from chassis.service import Service, create_app
from tests.support.one_service import chassis_database
from tests.support.servers import Postgres
from tests.support.tokens import TestIssuer

routes = APIRouter(prefix="/api/v1", dependencies=[PUBLIC])


class NewBadge(Body):
    name: ShortText
    wait: float = 0


@routes.post("/people/{person}/badges", status_code=201)
async def create_badge(person: str, badge: NewBadge, attempt: Attempt) -> Response:
    """A badge by its name; two of one name are refused, as a second review is."""

    async def work(tx: Transaction) -> Answer:
        taken = await tx.execute(text("SELECT 1 FROM badge WHERE name = :n"), {"n": badge.name})
        if taken.first():
            raise conflict("name-taken", "There is one of that name.")
        badge_id = new_id()
        await tx.execute(text("INSERT INTO badge VALUES (:i, :n)"), {"i": badge_id, "n": badge.name})
        await asyncio.sleep(badge.wait)
        return Answer(201, {"id": badge_id, "name": badge.name}, {"Location": f"/badges/{badge_id}"})

    return await attempt.once(work)


@dataclass
class Api:
    database: Database
    client: httpx.AsyncClient
    issuer: TestIssuer
    headers: dict[str, str]

    async def post(self, key: str | None = None, *, path: str = "me", **body: Any) -> httpx.Response:
        headers = self.headers | ({"Idempotency-Key": key} if key is not None else {})
        return await self.client.post(f"/api/v1/people/{path}/badges", json=body, headers=headers)

    async def badges(self) -> int:
        async with self.database.connection() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM badge"))).scalar_one())


@pytest.fixture
async def api(postgres: Postgres) -> AsyncIterator[Api]:
    issuer = TestIssuer()
    async with chassis_database(postgres) as (database, settings):
        async with database.transaction() as tx:
            await tx.execute(text("CREATE TABLE badge (id uuid PRIMARY KEY, name text NOT NULL)"))
        app = create_app(Service("campaigns", settings, database, routers=[routes], keys=issuer.keys()))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Api(database, client, issuer, issuer.headers(new_id()))


async def test_the_same_request_again_has_one_effect_and_the_same_answer(api: Api) -> None:
    first = await api.post("k1", name="Gaume")
    second = await api.post("k1", name="Gaume")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert await api.badges() == 1


async def test_another_body_under_the_same_key_is_refused(api: Api) -> None:
    await api.post("k1", name="Gaume")
    for other in (
        await api.post("k1", name="Ardenne"),
        await api.post("k1", name="Gaume", wait=0),
        await api.post("k1", path="you", name="Gaume"),
    ):
        assert other.status_code == 409
        assert other.json()["type"] == "urn:cococity:problem:idempotency-key-reused"
    assert await api.badges() == 1


async def test_ten_at_once_have_one_effect_and_one_answer(api: Api) -> None:
    answers = await asyncio.gather(*(api.post("k1", name="Gaume", wait=0.05) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await api.badges() == 1


async def test_what_was_refused_may_be_tried_again_under_the_same_key(api: Api) -> None:
    await api.post("k1", name="Gaume")
    assert (await api.post("k2", name="Gaume")).status_code == 409
    async with api.database.transaction() as tx:
        await tx.execute(text("DELETE FROM badge"))
    assert (await api.post("k2", name="Gaume")).status_code == 201


async def test_keys_of_different_people_are_different_keys(api: Api) -> None:
    first = await api.post("k1", name="Gaume")
    api.headers = api.issuer.headers(new_id())
    second = await api.post("k1", name="Ardenne")
    assert (first.status_code, second.status_code) == (201, 201)
    assert await api.badges() == 2


async def test_after_a_day_the_key_is_a_new_one(api: Api) -> None:
    await api.post("k1", name="Gaume")
    await _let_time_pass(api, "25 hours")
    later = await api.post("k1", name="Ardenne")
    assert later.status_code == 201
    assert (await api.post("k1", name="Ardenne")).json() == later.json()
    assert await api.badges() == 2


async def test_only_answers_older_than_a_day_are_purged(api: Api) -> None:
    await api.post("old", name="Gaume")
    await _let_time_pass(api, "25 hours")
    await api.post("new", name="Ardenne")
    done = await enforce(api.database, maintenance.RULES, utc_now())
    assert done["answers to repeated requests"] == 1
    assert (await api.post("new", name="Ardenne")).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", [None, "", "a" * 201, "with space", "tab\t", "é"])
async def test_a_creation_without_a_usable_key_is_refused(api: Api, key: str | None) -> None:
    headers = {name.encode(): value.encode() for name, value in api.headers.items()}
    if key is not None:
        headers[b"Idempotency-Key"] = key.encode("latin-1")
    answer = await api.client.post("/api/v1/people/me/badges", json={"name": "Gaume"}, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["field"] == "Idempotency-Key"
    assert await api.badges() == 0


async def test_nobody_creates_without_signing_in(api: Api) -> None:
    api.headers = {}
    answer = await api.post("k1", name="Gaume")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def _let_time_pass(api: Api, interval: str) -> None:
    async with api.database.transaction() as tx:
        await tx.execute(text(f"UPDATE idempotency SET created_at = created_at - interval '{interval}'"))
