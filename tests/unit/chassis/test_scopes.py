"""A key reaches the areas of the API it was made for, whatever its role could do elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from chassis import problems
from chassis.access import MAY_PERSON, PUBLIC, Access, may
from chassis.identity import KEY_PREFIX, Grant, MaybeSignedIn, Role, Verifier
from chassis.ids import new_id
from chassis.problems import Problem
from tests.support.tokens import TestIssuer

CITY, KEY = new_id(), new_id()
OFFICER = Grant(Role.city_officer, CITY)


@pytest.fixture(scope="module")
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
async def client(issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.verifier = Verifier(issuer.keys())
    campaigns, keys = APIRouter(tags=["campaigns"]), APIRouter(tags=["keys"])

    @campaigns.api_route("/campaigns", methods=["GET", "POST"])
    async def of_the_city(who: Annotated[Access, may(Role.city_officer)]) -> str:
        who.within(city_id=CITY)
        return str(who.person_id)

    @campaigns.get("/announced", dependencies=[PUBLIC])
    async def announced(principal: MaybeSignedIn) -> bool:
        return principal is not None

    @campaigns.get("/mine", dependencies=[MAY_PERSON])
    async def mine() -> str:
        return "done"

    @keys.get("/keys", tags=["cities"])
    async def with_two_tags(who: Annotated[Access, may(Role.city_officer)]) -> str:
        who.within(city_id=CITY)
        return "done"

    @app.get("/untagged", dependencies=[may(Role.city_officer)])
    async def untagged() -> str:
        return "done"

    app.include_router(campaigns)
    app.include_router(keys)
    problems.install(app)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sample") as opened:
        yield opened


def of_a_key(issuer: TestIssuer, scope: str | None) -> dict[str, str]:
    token = issuer.token(UUID(int=0), OFFICER, sub=f"{KEY_PREFIX}{KEY}", scope=scope)
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("scope", "reads", "changes", "reads_with_two_tags"),
    [
        ("campaigns", 200, 200, 403),
        ("campaigns:read", 200, 403, 403),
        ("campaigns:read cities", 200, 403, 200),
        ("merchants", 403, 403, 403),
        ("read", 403, 403, 403),
        ("", 403, 403, 403),
        (None, 403, 403, 403),
    ],
)
async def test_a_key_reaches_what_its_scopes_name(
    *,
    client: httpx.AsyncClient,
    issuer: TestIssuer,
    scope: str | None,
    reads: int,
    changes: int,
    reads_with_two_tags: int,
) -> None:
    headers = of_a_key(issuer, scope)
    assert (await client.get("/campaigns", headers=headers)).status_code == reads
    assert (await client.post("/campaigns", headers=headers)).status_code == changes
    assert (await client.get("/announced", headers=headers)).status_code == reads
    assert (await client.get("/keys", headers=headers)).status_code == reads_with_two_tags
    for never in ("/untagged", "/mine"):
        assert (await client.get(never, headers=headers)).status_code == 403


async def test_what_a_key_does_is_on_record_under_its_own_id(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    answer = await client.post("/campaigns", headers=of_a_key(issuer, "campaigns"))
    assert answer.json() == str(KEY)


async def test_the_refusal_says_which_scope_would_do(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    answer = await client.get("/campaigns", headers=of_a_key(issuer, "merchants"))
    assert "campaigns, campaigns:read" in answer.json()["detail"]


async def test_people_are_not_restricted_by_scopes(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    headers = issuer.headers(new_id(), OFFICER)
    for path in ("/campaigns", "/announced", "/keys", "/mine"):
        assert (await client.get(path, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "subject", ["key:", "key:x", "key:claire", "key:01890000-0000-7000-8000-00000000c17ex"]
)
async def test_a_key_without_an_id_is_nobody(issuer: TestIssuer, subject: str) -> None:
    with pytest.raises(Problem) as refused:
        await Verifier(issuer.keys()).verify(issuer.token(KEY, OFFICER, sub=subject))
    assert refused.value.status == 401


async def test_a_key_is_no_service_whatever_the_grants_say(issuer: TestIssuer) -> None:
    token = issuer.token(KEY, Grant(Role.service), sub=f"{KEY_PREFIX}{KEY}", scope="campaigns")
    principal = await Verifier(issuer.keys()).verify(token)
    assert not principal.is_service()
    assert not principal.is_person
