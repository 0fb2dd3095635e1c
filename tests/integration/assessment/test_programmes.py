"""A programme over towns: what is planned, announced, held, and where nothing is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from chassis.clock import utc_now
from chassis.identity import KEY_PREFIX
from chassis.ids import new_id
from chassis.service import Service
from services.assessment.programme.domain import Programme, Progress
from tests.integration.assessment.conftest import CITY, token
from tests.integration.assessment.hall import Hall
from tests.integration.assessment.populations import join


@pytest_asyncio.fixture(autouse=True)
async def towns(service: Service) -> None:
    await join(service, CITY, OTHER, THIRD)


OTHER, THIRD = sorted(new_id() for _ in range(2))
OF_ALL = token({"role": "consultant"})
OFFICER = token({"role": "city_officer", "city": str(CITY)})


def plan(towns: dict[UUID, int], **changes: Any) -> dict[str, Any]:
    today = utc_now().date()
    made = {
        "name": "Digital pour tous",
        "starts_on": (today - timedelta(days=30)).isoformat(),
        "ends_on": (today + timedelta(days=30)).isoformat(),
        "towns": [{"city_id": str(city), "planned": count} for city, count in towns.items()],
    }
    return made | changes


def key_of(city: UUID, *scopes: str) -> dict[str, str]:
    """What a system of the city sends, whose key has these scopes."""
    return token(
        {"role": "city_officer", "city": str(city)}, sub=f"{KEY_PREFIX}{new_id()}", scope=" ".join(scopes)
    )


async def post(
    client: httpx.AsyncClient, body: dict[str, Any], who: dict[str, str] = OF_ALL
) -> httpx.Response:
    headers = {**who, "Idempotency-Key": str(new_id())}
    return await client.post("/api/v1/programmes", json=body, headers=headers)


async def a_session(service: Service, client: httpx.AsyncClient, city: UUID, days: int = 0) -> Hall:
    hall = Hall(client, service)
    begins = utc_now() + timedelta(days=days, minutes=-5)
    answer = await hall.announce(
        token({"role": "consultant", "city": str(city)}),
        city_id=str(city),
        starts_at=begins.isoformat(),
        ends_at=(begins + timedelta(hours=2)).isoformat(),
    )
    assert answer.status_code == 201, answer.text
    return hall


async def test_a_region_sees_what_is_planned_announced_held_called_off_and_missing(
    service: Service, client: httpx.AsyncClient
) -> None:
    for participants in (21, 14):
        held = await a_session(service, client, CITY)
        await held.post("/hold", OF_ALL, {"participants": participants})
    await a_session(service, client, CITY, days=3)
    await (await a_session(service, client, OTHER)).post("/cancel", OF_ALL)
    await a_session(service, client, CITY, days=40)  # after the period

    made = await post(client, plan({CITY: 4, OTHER: 2, THIRD: 0}))
    assert made.status_code == 201, made.text
    shown = (await client.get(made.headers["location"], headers=OF_ALL)).json()
    assert shown == made.json()
    of_town = {UUID(town.pop("city_id")): town for town in shown["towns"]}
    assert of_town[CITY] == {
        "planned": 4,
        "announced": 1,
        "held": 2,
        "cancelled": 0,
        "participants": 35,
        "missing": 1,
        "is_gap": False,
    }
    assert (of_town[OTHER]["missing"], of_town[OTHER]["cancelled"], of_town[OTHER]["is_gap"]) == (2, 1, True)
    assert of_town[THIRD]["is_gap"] is False, "nothing is planned there"
    assert shown["gaps"] == [str(OTHER)]
    assert shown["total"] == {
        "planned": 6, "announced": 1, "held": 2, "cancelled": 1, "participants": 35, "missing": 3,
    }  # fmt: skip


async def test_a_citys_officer_sees_the_programmes_of_the_city_and_of_these_its_own_part(
    client: httpx.AsyncClient,
) -> None:
    mine = (await post(client, plan({CITY: 2, OTHER: 3}))).json()["id"]
    others = (await post(client, plan({OTHER: 1}))).json()["id"]
    listed = (await client.get("/api/v1/programmes", headers=OFFICER)).json()["items"]
    assert [each["id"] for each in listed] == [mine]
    shown = (await client.get(f"/api/v1/programmes/{mine}", headers=OFFICER)).json()
    assert [town["city_id"] for town in shown["towns"]] == [str(CITY)]
    assert shown["total"]["planned"] == 2
    assert (await client.get(f"/api/v1/programmes/{others}", headers=OFFICER)).status_code == 404
    everything = (await client.get("/api/v1/programmes?limit=1", headers=OF_ALL)).json()
    assert [each["id"] for each in everything["items"]] == [others]
    assert everything["next"]


async def test_only_whoever_works_in_all_its_towns_plans_a_programme(client: httpx.AsyncClient) -> None:
    of_one = token({"role": "consultant", "city": str(CITY)})
    assert (await post(client, plan({CITY: 1, OTHER: 1}), of_one)).status_code == 403
    assert (await post(client, plan({CITY: 1}), OFFICER)).status_code == 201, "a city plans its own"
    assert (await post(client, plan({CITY: 1, OTHER: 1}), OFFICER)).status_code == 403
    person = token({"role": "merchant", "city": str(CITY), "merchant": str(new_id())})
    assert (await post(client, plan({CITY: 1}), person)).status_code == 403
    assert (await post(client, plan({CITY: 1, OTHER: 1}), token({"role": "operator"}))).status_code == 201
    made = (await post(client, plan({CITY: 1, OTHER: 1}))).json()["id"]
    path, headers = f"/api/v1/programmes/{made}", {**of_one, "If-Match": "*"}
    for who in (of_one, OFFICER):
        taken = await client.put(path, json=plan({CITY: 9}), headers={**headers, **who})
        assert taken.status_code == 403, "the other town's plan is not theirs to drop"


async def test_a_citys_system_plans_and_reports_with_the_scopes_of_its_key(client: httpx.AsyncClient) -> None:
    planning = key_of(CITY, "programmes")
    made = await post(client, plan({CITY: 2}), planning)
    assert made.status_code == 201, made.text
    assert (await post(client, plan({OTHER: 2}), planning)).status_code == 403
    reads = {
        "programmes": made.headers["location"],
        "reports": f"/api/v1/reports?city={CITY}",
        "coaching": f"/api/v1/coaching-groups?city={CITY}",
    }
    for area in reads:
        key = key_of(CITY, f"{area}:read")
        answers = {name: (await client.get(path, headers=key)).status_code for name, path in reads.items()}
        assert answers == {name: 200 if name == area else 403 for name in reads}
        assert (await post(client, plan({CITY: 1}), key)).status_code == 403


async def test_a_town_that_takes_no_part_is_in_no_programme_until_it_joins(
    client: httpx.AsyncClient, service: Service
) -> None:
    new, headers = new_id(), {**OF_ALL, "Idempotency-Key": str(new_id())}
    body = plan({CITY: 1, new: 2})
    refused = await client.post("/api/v1/programmes", json=body, headers=headers)
    assert (refused.status_code, refused.json()["field"]) == (422, "towns.1.city_id")
    made = await post(client, plan({CITY: 1}))
    replaced: dict[str, Any] = {"json": body, "headers": {**OF_ALL, "If-Match": "*"}}
    again = await client.put(made.headers["location"], **replaced)
    assert (again.status_code, again.json()["field"]) == (422, "towns.1.city_id")

    await join(service, new)
    assert (await client.post("/api/v1/programmes", json=body, headers=headers)).status_code == 201
    assert (await client.put(made.headers["location"], **replaced)).status_code == 200


async def test_a_plan_is_replaced_by_whoever_has_seen_the_last_one(client: httpx.AsyncClient) -> None:
    made = await post(client, plan({CITY: 1, OTHER: 1}))
    path, tag = made.headers["location"], made.headers["etag"]
    changed = await client.put(path, json=plan({CITY: 5}), headers={**OF_ALL, "If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert [(town["city_id"], town["planned"]) for town in changed.json()["towns"]] == [(str(CITY), 5)]
    late = await client.put(path, json=plan({CITY: 1}), headers={**OF_ALL, "If-Match": tag})
    assert late.status_code == 412
    assert (await client.get(path, headers=OF_ALL)).headers["etag"] == changed.headers["etag"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (plan({CITY: 1}, name=""), "name"),
        (plan({CITY: -1}), "towns.0.planned"),
        (plan({}), "towns"),
        (plan({CITY: 1}) | {"towns": [{"city_id": str(CITY), "planned": 1}] * 2}, "towns"),
        (plan({CITY: 1}, ends_on="1999-01-01"), "ends_on"),
        (plan({CITY: 1}, ends_on="2100-01-01"), "ends_on"),
        (plan({CITY: 1}, starts_on="0001-01-01"), "starts_on"),
    ],
)
async def test_a_programme_that_makes_no_sense_is_refused_naming_the_field(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await post(client, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


def test_a_period_goes_from_midnight_to_midnight_in_the_country_also_when_the_clock_changes() -> None:
    made = Programme(
        id=new_id(), name="-", starts_on=date(2026, 10, 25), ends_on=date(2026, 10, 25), planned={CITY: 1}
    )
    first, after = made.period()
    assert (first.isoformat(), after.isoformat()) == (
        "2026-10-25T00:00:00+02:00",
        "2026-10-26T00:00:00+01:00",
    )


def test_more_sessions_than_planned_are_not_missing() -> None:
    assert Progress(planned=1, announced=1, held=2).missing == 0
