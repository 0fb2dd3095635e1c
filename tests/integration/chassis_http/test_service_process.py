"""A service as a process: what it says about itself, what it does without the bus, and how it ends."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from chassis.database import Database
from chassis.identity import Grant, Role
from chassis.ids import new_id
from tests.support.one_service import chassis_database, fresh_streams, until
from tests.support.servers import Nats, Postgres, free_port, started
from tests.support.tokens import TestIssuer

pytestmark = pytest.mark.slow

SAMPLE = "tests.integration.chassis_http.sample_service"


class Sample:
    """One running process of the sample service."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, issuer: TestIssuer) -> None:
        self.process = process
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)
        self.headers = issuer.headers(new_id(), Grant(Role.operator))

    async def post(self, **body: Any) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": str(new_id())}
        return await self.client.post("/api/v1/reviews", json={"rating": 5} | body, headers=headers)

    async def ready(self) -> bool:
        return (await self.client.get("/readyz")).status_code == 200

    async def end(self) -> tuple[int, list[dict[str, Any]]]:
        """Ask it to end; its exit code and its log lines."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            said, _ = await self.process.communicate()
        await self.client.aclose()
        return self.process.returncode or 0, [json.loads(line) for line in said.splitlines()]


Start = Callable[..., Any]


@pytest.fixture(scope="module")
def postgres(own_root: Path) -> Iterator[Postgres]:
    with started(Postgres(own_root)) as server:
        yield server


@pytest.fixture(scope="module")
def nats(own_root: Path) -> Iterator[Nats]:
    with started(Nats(own_root)) as server:
        yield server


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    async with chassis_database(postgres) as (made, _):
        yield made


@pytest.fixture
async def start(database: Database, postgres: Postgres, nats: Nats, tmp_path: Path) -> AsyncIterator[Start]:
    issuer = TestIssuer()
    cache = issuer.write_cache(tmp_path / "jwks.json")
    name = str(database.engine.url.database)

    @asynccontextmanager
    async def sample(mode: str, environment: dict[str, str]) -> AsyncIterator[Sample]:
        port = free_port()
        settings = {
            "COCOCITY_ENVIRONMENT": "test",
            "COCOCITY_PORT": str(port),
            "COCOCITY_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{postgres.port}/{name}",
            "COCOCITY_DATABASE_PASSWORD": postgres.password,
            "COCOCITY_NATS_URL": nats.url,
            "COCOCITY_NATS_USER": "campaigns",
            "COCOCITY_NATS_PASSWORD": nats.password("campaigns"),
            "COCOCITY_JWKS_CACHE": str(cache),
            "PATH": "",
        } | environment
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", SAMPLE, mode, env=settings, stdout=asyncio.subprocess.PIPE
        )
        made = Sample(process, port, issuer)
        try:
            await until(lambda: _answers(made.client))
            yield made
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await made.client.aclose()

    async with AsyncExitStack() as running:

        async def begin(mode: str = "all", **environment: str) -> Sample:
            return await running.enter_async_context(sample(mode, environment))

        yield begin


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        return False


async def _published(database: Database) -> int:
    async with database.connection() as connection:
        found = await connection.execute(text("SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"))
        return int(found.scalar_one())


async def test_what_is_posted_reaches_the_bus(start: Start, database: Database, nats: Nats) -> None:
    await fresh_streams(nats)
    sample = await start()
    await until(sample.ready)
    assert (await sample.post()).status_code == 201

    async def one_published() -> bool:
        return await _published(database) == 1

    await until(one_published)
    code, lines = await sample.end()
    assert code == 0
    assert {line["service"] for line in lines} == {"campaigns"}


async def test_without_the_bus_posts_are_accepted_and_the_worker_is_not_ready(
    start: Start, database: Database
) -> None:
    sample = await start(COCOCITY_NATS_URL="nats://127.0.0.1:1")
    assert (await sample.post()).status_code == 201
    answer = await sample.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["not_ready"] == ["relay: NATS is not connected"]
    async with asyncio.timeout(5):
        assert (await sample.end())[0] == 0


async def test_it_ends_in_time_when_the_bus_went_away(start: Start, nats: Nats) -> None:
    await fresh_streams(nats)
    sample = await start()
    await until(sample.ready)
    nats.stop()
    try:
        async with asyncio.timeout(5):
            assert (await sample.end())[0] == 0
    finally:
        nats.start()


async def test_an_api_process_is_ready_without_the_bus_and_its_worker_publishes(
    start: Start, database: Database, nats: Nats
) -> None:
    await fresh_streams(nats)
    api = await start("api", COCOCITY_NATS_URL="nats://127.0.0.1:1")
    assert await api.ready()
    worker = await start("worker")
    await until(worker.ready)
    assert (await worker.client.get("/api/v1/me")).status_code == 404
    assert (await api.post()).status_code == 201

    async def one_published() -> bool:
        return await _published(database) == 1

    await until(one_published)


async def test_without_the_database_it_lives_is_not_ready_and_answers_503(
    start: Start, postgres: Postgres
) -> None:
    sample = await start("api")
    assert await sample.ready()
    postgres.stop()
    try:
        assert (await sample.client.get("/healthz")).status_code == 200
        assert not await sample.ready()
        refused = await sample.post()
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "2"
        assert (await sample.client.get("/metrics")).status_code == 200
    finally:
        postgres.start()
    await until(sample.ready)
    assert (await sample.post()).status_code == 201


async def test_told_to_end_it_finishes_what_was_asked_and_ends_streams(start: Start) -> None:
    sample = await start("api")
    slow = asyncio.create_task(sample.post(wait=1.5))
    async with sample.client.stream("GET", "/api/v1/stream") as stream:
        received = stream.aiter_lines()
        assert await anext(received) == "begun"
        sample.process.send_signal(signal.SIGTERM)
        assert await anext(received) == "ended"
    assert (await slow).status_code == 201
    assert (await sample.end())[0] == 0


async def test_a_job_that_dies_is_started_again(start: Start) -> None:
    sample = await start("worker")

    async def died_twice() -> bool:
        said = (await sample.client.get("/metrics")).text
        return 'cococity_job_failures_total{job="bad-start"} 2.0' in said

    await until(died_twice)
    _, lines = await sample.end()
    assert sum(line["event"] == "job died and is started again" for line in lines) == 2


async def test_requests_are_measured_by_route_and_metrics_show_the_outbox(start: Start) -> None:
    sample = await start("api")
    await sample.post()
    said = (await sample.client.get("/metrics")).text
    route = '{method="POST",route="/api/v1/reviews",status="201"}'
    assert f"cococity_http_request_seconds_count{route} 1.0" in said
    assert "cococity_outbox_unpublished 1.0" in said


async def test_a_token_is_accepted_while_the_directory_is_away(start: Start) -> None:
    sample = await start("api", COCOCITY_JWKS_URL="http://127.0.0.1:1/.well-known/jwks.json")
    assert (await sample.client.get("/api/v1/me", headers=sample.headers)).status_code == 200
    stranger = TestIssuer("stranger").headers(new_id())
    assert (await sample.client.get("/api/v1/me", headers=stranger)).status_code == 401


async def test_the_document_of_the_api_says_how_to_sign_in_and_what_can_go_wrong() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", SAMPLE, "openapi", env={}, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    document = json.loads(said)
    assert document["openapi"].startswith("3.1")
    post = document["paths"]["/api/v1/reviews"]["post"]
    assert post["security"]
    assert {"400", "401", "403", "409", "413", "422", "503"} <= post["responses"].keys()
    problem = post["responses"]["422"]["content"]["application/problem+json"]
    assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
    key = next(each for each in post["parameters"] if each["name"] == "idempotency-key")
    assert key["required"]
    assert "/readyz" not in document["paths"]


@pytest.mark.parametrize("arguments", [["both"], ["api", "worker"], [""]])
async def test_an_unknown_mode_ends_with_2(arguments: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", SAMPLE, *arguments, env={}, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"say one of" in said


async def test_told_to_end_again_and_again_it_ends_as_if_told_once(start: Start) -> None:
    sample = await start("api")
    times = 0
    async with asyncio.timeout(20):
        while sample.process.returncode is None:
            # Not `send_signal`: it looks whether the process has ended, and takes its exit code from whoever
            # waits for it.
            with suppress(ProcessLookupError):
                os.kill(sample.process.pid, signal.SIGTERM)
            times += 1
            await asyncio.sleep(0.001)
    assert times > 10
    assert (await sample.end())[0] == 0
