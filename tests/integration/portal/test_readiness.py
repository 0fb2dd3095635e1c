"""`/readyz` of the portal answers for everything behind the gateway."""

from __future__ import annotations

import time

import httpx
import pytest

from services.portal import neighbours
from tests.integration.portal.conftest import portal
from tests.integration.portal.stand_ins import StandIn
from tests.support.servers import free_port


async def test_it_is_ready_when_everything_behind_it_is(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/healthz")).status_code == 200


async def test_it_says_which_service_waits_for_what(
    client: httpx.AsyncClient, town: dict[str, StandIn]
) -> None:
    town["campaigns"].not_ready = ["database does not answer", "NATS is not connected"]
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["not_ready"] == ["campaigns: database does not answer, NATS is not connected"]
    # Alive all the same: it is not the portal that has to be started again.
    assert (await client.get("/healthz")).status_code == 200


async def test_services_that_hang_are_waited_for_side_by_side_and_not_for_long(
    client: httpx.AsyncClient, town: dict[str, StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "DEADLINE_SECONDS", 0.9)
    for stand_in in town.values():
        stand_in.delay = 7
    started = time.monotonic()
    answer = await client.get("/readyz")
    assert time.monotonic() - started < 3, "one after the other: four times 0.9 s"
    assert answer.status_code == 503
    assert answer.json()["not_ready"] == [f"{name}: does not answer" for name in town]


async def test_a_service_that_is_gone_is_named(addresses: dict[str, str]) -> None:
    app = portal(addresses | {"assessment": f"http://127.0.0.1:{free_port()}"})
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client,
    ):
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["not_ready"] == ["assessment: does not answer"]
