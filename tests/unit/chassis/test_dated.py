"""A demonstration's requests may be of the past; nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import APIRouter

from chassis.access import PUBLIC
from chassis.http import Now
from chassis.service import Service, create_app
from chassis.settings import Environment, ServiceSettings
from chassis.signing_keys import LocalKeys

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
router = APIRouter(dependencies=[PUBLIC])


@router.get("/api/v1/time")
async def tell(now: Now) -> dict[str, str]:
    return {"time": now().isoformat()}


async def asked(environment: Environment, said: str) -> httpx.Response:
    settings = ServiceSettings(service_name="sample", environment=environment)
    service = Service("sample", settings, routers=[router], clock=lambda: NOW)
    service.keys = LocalKeys({"keys": []})
    transport = httpx.ASGITransport(create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://sample") as client:
        return await client.get("/api/v1/time", headers={"Demo-Time": said})


async def test_a_demos_request_is_of_the_time_it_says() -> None:
    answer = await asked(Environment.demo, "2026-11-02T11:15:00.1239+01:00")
    assert answer.json() == {"time": "2026-11-02T10:15:00.123000+00:00"}


@pytest.mark.parametrize("environment", [Environment.production, Environment.test])
async def test_elsewhere_the_header_means_nothing(environment: Environment) -> None:
    answer = await asked(environment, "2026-11-02T11:15:00Z")
    assert answer.json() == {"time": NOW.isoformat()}


@pytest.mark.parametrize(
    "said",
    ["yesterday", "", "2026-11-02T11:15:00", "2026-11-26T12:00:01Z", "2026-10-24T11:59:59Z",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)  # fmt: skip
async def test_what_is_no_time_of_the_last_weeks_is_refused(said: str) -> None:
    answer = await asked(Environment.demo, said)
    assert answer.status_code == 422
    assert answer.json()["field"] == "Demo-Time"
