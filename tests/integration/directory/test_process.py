"""The directory as a process: what it records reaches its stream, and its key survives a restart."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import jwt
import pytest

from tests.support.directory import SECRETS, DirectoryUnderTest, extract, feature
from tests.support.one_service import fresh_streams
from tests.support.servers import Nats, Postgres, free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def process(environment: dict[str, str], port: int) -> AsyncIterator[tuple[httpx.AsyncClient, Process]]:
    """The service, ready; it is told to stop at the end."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.directory",
        cwd=ROOT,
        env=os.environ | environment,
        stderr=PIPE,
        stdout=PIPE,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(400):
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        break
                except httpx.TransportError:
                    assert started.returncode is None, (await started.communicate())[1].decode()[-2000:]
                await asyncio.sleep(0.1)
            else:
                raise AssertionError("it did not become ready")
            yield client, started
    finally:
        if started.returncode is None:
            started.send_signal(signal.SIGTERM)
        await asyncio.wait_for(started.communicate(), 20)


async def test_what_is_imported_reaches_the_stream_and_tokens_outlive_a_restart(
    postgres: Postgres, nats: Nats, template: str, tmp_path: Path
) -> None:
    await fresh_streams(nats)
    port, secrets = free_port(), tmp_path / "services.json"
    secrets.write_text(json.dumps(SECRETS), encoding="utf-8")
    environment = {
        "COCOCITY_ENVIRONMENT": "test",
        "COCOCITY_PORT": str(port),
        "COCOCITY_DATABASE_URL": await postgres.create_database(template=template),
        "COCOCITY_NATS_URL": nats.url,
        "COCOCITY_NATS_USER": "directory",
        "COCOCITY_NATS_PASSWORD": nats.password("directory"),
        "COCOCITY_SIGNING_KEY_FILE": str(tmp_path / "signing.pem"),
        "COCOCITY_SERVICE_SECRETS_FILE": str(secrets),
    }
    async with process(environment, port) as (client, started):
        directory = DirectoryUnderTest(client, None)  # type: ignore[arg-type]  # its database is its own affair
        city = await directory.city()
        await directory.imported(city, extract(feature("node/1"), feature("node/2")))
        assert await _subjects(nats, 3) == {
            "directory.city-joined.v1": 1,
            "directory.merchant-listed.v1": 2,
        }
        token = await directory.token("otto")
    assert started.returncode == 0

    async with process(environment, port) as (client, _):
        directory = DirectoryUnderTest(client, None)  # type: ignore[arg-type]
        assert (await directory.call("GET", "/people/me", token=token)).status_code == 200
        keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
        assert [key["kid"] for key in keys] == [jwt.get_unverified_header(token)["kid"]]


async def _subjects(nats: Nats, expected: int) -> dict[str, int]:
    """How many messages of each type the stream has, once it has as many as expected."""
    client = await nats.connect()
    try:
        bus = client.jetstream()
        for _ in range(100):
            state = (await bus.stream_info("DIRECTORY", subjects_filter=">")).state
            if state.messages >= expected:
                break
            await asyncio.sleep(0.1)
        counted: dict[str, int] = {}
        for subject, count in (state.subjects or {}).items():
            wire_type = ".".join(subject.split(".")[:3])
            counted[wire_type] = counted.get(wire_type, 0) + count
        return counted
    finally:
        await client.close()
