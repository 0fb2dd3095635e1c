"""Who may call a route: declared beside it, and asked for where the scope is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from chassis import openapi, problems
from chassis.access import (
    MAY_PERSON,
    PUBLIC,
    Access,
    Undeclared,
    may,
    may_service,
    require_declarations,
)
from chassis.identity import Grant, Principal, Role, Verifier
from chassis.ids import new_id
from tests.support.tokens import TestIssuer

CITY, OTHER_CITY, SHOP, OTHER_SHOP, DISTRICT, OTHER_DISTRICT = (new_id() for _ in range(6))
OFFICER = Grant(Role.city_officer, CITY)
OWNER = Grant(Role.merchant, CITY, SHOP)
STAFF = Grant(Role.merchant_staff, CITY, SHOP)
OF_A_DISTRICT = Grant(Role.association_officer, CITY, None, DISTRICT)
OF_A_SHOP = Grant(Role.association_officer, CITY, SHOP)
IN_THE_CITY: dict[str, Any] = {"city_id": CITY}
AT_THE_SHOP: dict[str, Any] = {"city_id": CITY, "merchant_id": SHOP, "districts": (OTHER_DISTRICT, DISTRICT)}
ELSEWHERE: dict[str, Any] = {"city_id": OTHER_CITY, "merchant_id": OTHER_SHOP, "districts": (OTHER_DISTRICT,)}


def access(grant: Grant, *roles: Role) -> Access:
    person = new_id()
    return Access(Principal(str(person), person, (grant,)), roles or tuple(Role))


@pytest.mark.parametrize("grant", [OFFICER, OWNER, STAFF, OF_A_DISTRICT, OF_A_SHOP])
def test_a_role_holds_at_its_shop_and_not_elsewhere(grant: Grant) -> None:
    assert access(grant).has(**AT_THE_SHOP)
    assert not access(grant).has(**ELSEWHERE)


@pytest.mark.parametrize("grant", [OWNER, STAFF, OF_A_DISTRICT, OF_A_SHOP])
def test_a_role_of_a_part_of_a_city_does_not_hold_for_the_city(grant: Grant) -> None:
    assert not access(grant).has(**IN_THE_CITY)


@pytest.mark.parametrize("grant", [Grant(Role.operator), Grant(Role.consultant)])
def test_an_operator_and_a_consultant_of_all_cities_are_so_everywhere(grant: Grant) -> None:
    for scope in (IN_THE_CITY, AT_THE_SHOP, ELSEWHERE):
        assert access(grant).has(**scope)


def test_a_consultant_of_a_city_is_none_elsewhere() -> None:
    assert access(Grant(Role.consultant, CITY)).has(**AT_THE_SHOP)
    assert not access(Grant(Role.consultant, CITY)).has(**ELSEWHERE)


def test_where_the_city_is_not_known_no_role_of_a_city_counts() -> None:
    scope: dict[str, Any] = {"city_id": None, "merchant_id": SHOP}
    assert [access(grant).has(**scope) for grant in (OWNER, STAFF, OFFICER, OF_A_DISTRICT)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_role_that_the_route_does_not_declare_opens_nothing() -> None:
    assert not access(OWNER, Role.city_officer).has(**AT_THE_SHOP)
    with pytest.raises(AssertionError):
        access(OFFICER, Role.merchant).has(Role.city_officer, **AT_THE_SHOP)


@pytest.fixture(scope="module")
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
async def client(issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.verifier = Verifier(issuer.keys())

    @app.get("/of-the-city")
    async def of_the_city(city_id: UUID, who: Annotated[Access, may(Role.city_officer)]) -> str:
        who.within(city_id=city_id)
        return "done"

    @app.get("/forgotten")
    async def forgotten(who: Annotated[Access, may(Role.city_officer)]) -> str:
        return str(who.person_id)

    @app.get("/of-operators")
    async def of_operators(who: Annotated[Access, may(Role.operator)]) -> str:
        return str(who.person_id)

    @app.get("/of-services", dependencies=[may_service("notifications")])
    async def of_services() -> str:
        return "done"

    @app.get("/of-people")
    async def of_people(principal: Annotated[Principal, MAY_PERSON]) -> str:
        return str(principal.person_id)

    @app.get("/of-all", dependencies=[PUBLIC])
    async def of_all() -> str:
        return "done"

    require_declarations(app)
    problems.install(app)
    openapi.install(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sample") as opened:
        yield opened


async def status(client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> int:
    return (await client.get(path, headers=headers)).status_code


async def test_a_route_lets_in_whom_it_declares(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    person = new_id()
    officer = issuer.headers(person, OFFICER)
    operator = issuer.headers(person, Grant(Role.operator))
    mere = issuer.headers(person)
    service = {"Authorization": f"Bearer {issuer.service_token('notifications')}"}
    other = {"Authorization": f"Bearer {issuer.service_token('campaigns')}"}
    cases: list[tuple[str, list[tuple[dict[str, str] | None, int]]]] = [
        (f"/of-the-city?city_id={CITY}", [(officer, 200), (operator, 403), (mere, 403), (None, 401)]),
        (f"/of-the-city?city_id={OTHER_CITY}", [(officer, 403), (service, 403)]),
        ("/of-operators", [(operator, 200), (officer, 403), (service, 403), (None, 401)]),
        ("/of-services", [(service, 200), (other, 403), (operator, 403), (None, 401)]),
        ("/of-people", [(mere, 200), (officer, 200), (service, 403), (None, 401)]),
        ("/of-all", [(None, 200), (mere, 200), (service, 200)]),
    ]
    found = [[await status(client, path, who) for who, _ in callers] for path, callers in cases]
    assert found == [[expected for _, expected in callers] for _, callers in cases]


async def test_an_answer_for_which_nobody_asked_where_is_withheld(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    answer = await client.get("/forgotten", headers=issuer.headers(new_id(), OFFICER))
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_document_says_who_may(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert {path: item["get"]["x-access"] for path, item in paths.items()} == {
        "/of-the-city": ["city_officer"],
        "/forgotten": ["city_officer"],
        "/of-operators": ["operator"],
        "/of-services": ["service:notifications"],
        "/of-people": ["person"],
        "/of-all": ["anybody"],
    }


@pytest.mark.parametrize("dependencies", [[], [PUBLIC, may(Role.operator)]])
def test_a_service_whose_route_says_nothing_or_two_things_does_not_start(dependencies: list[Any]) -> None:
    router = APIRouter()

    @router.get("/open-by-oversight", dependencies=dependencies)
    async def oversight() -> None: ...

    app = FastAPI()
    app.include_router(router)
    with pytest.raises(Undeclared, match="/open-by-oversight"):
        require_declarations(app)


async def test_whoever_has_the_role_and_lacks_a_second_factor_is_told_so_and_nobody_else(
    client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    officer = issuer.token(new_id(), OWNER, withheld=["city_officer", "mayor", 7])
    for path in (f"/of-the-city?city_id={CITY}", "/of-operators"):
        refused = await client.get(path, headers={"Authorization": f"Bearer {officer}"})
        helps = "city" in path
        assert refused.status_code == 403
        assert refused.json()["type"].endswith("second-factor-required" if helps else "forbidden")
        assert ("www-authenticate" in refused.headers) is helps


def test_a_scope_that_only_a_withheld_role_covers_asks_for_the_second_factor() -> None:
    person = new_id()
    owner = Principal(str(person), person, (OWNER,), withheld=frozenset({Role.city_officer}))
    here = Access(owner, (Role.merchant, Role.city_officer))
    here.within(**AT_THE_SHOP)
    with pytest.raises(problems.Problem) as refused:
        here.within(**ELSEWHERE)
    assert refused.value.slug == "second-factor-required"
    with pytest.raises(problems.Problem) as plain:
        here.within(Role.merchant, **ELSEWHERE)
    assert plain.value.slug == "forbidden"
