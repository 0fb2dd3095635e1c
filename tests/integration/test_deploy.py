"""The deploy step on real servers: each service gets its own database, and sees no other."""

from __future__ import annotations

import secrets
from pathlib import Path

import asyncpg
import pytest

from contracts.streams import DEPLOYER, DURABLES, OWNERS, STREAMS
from operations.deploy import deploy
from tests.support.servers import Nats, Postgres

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(postgres: Postgres, nats: Nats, tmp_path: Path) -> dict[str, str]:
    for owner in OWNERS:
        (tmp_path / f"postgres_{owner}").write_text(f"{secrets.token_hex(8)}'quoted")
    (tmp_path / f"nats_{DEPLOYER}").write_text(nats.password(DEPLOYER))
    (tmp_path / "postgres_admin").write_text(postgres.password)
    return {
        "COCOCITY_ADMIN_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres",
        "COCOCITY_ADMIN_DATABASE_PASSWORD_FILE": str(tmp_path / "postgres_admin"),
        "COCOCITY_NATS_URL": nats.url,
        "COCOCITY_SECRETS": str(tmp_path),
    }


async def sign_in(postgres: Postgres, environment: dict[str, str], role: str, database: str) -> str:
    """Who the role is in that database. Raises what PostgreSQL refuses with."""
    password = (Path(environment["COCOCITY_SECRETS"]) / f"postgres_{role}").read_text()
    connection = await asyncpg.connect(
        host="127.0.0.1", port=postgres.port, user=role, password=password, database=database
    )
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


async def test_a_service_reaches_its_own_database_and_no_other(
    postgres: Postgres, nats: Nats, environment: dict[str, str]
) -> None:
    await nats.delete_streams()
    await deploy(environment)
    for owner in OWNERS:
        assert await sign_in(postgres, environment, owner, owner) == owner
        for other in {*OWNERS, "postgres", "template1"} - {owner}:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sign_in(postgres, environment, owner, other)


async def test_a_second_deploy_changes_nothing_but_a_changed_password(
    postgres: Postgres, nats: Nats, environment: dict[str, str]
) -> None:
    await deploy(environment)
    (Path(environment["COCOCITY_SECRETS"]) / "postgres_campaigns").write_text("another")
    await deploy(environment)
    assert await sign_in(postgres, environment, "campaigns", "campaigns") == "campaigns"
    client = await nats.connect()
    jetstream = client.jetstream()
    assert {info.config.name for info in await jetstream.streams_info()} == set(STREAMS)
    for durable in DURABLES.values():
        assert (await jetstream.consumer_info(durable.stream, durable.name)).name == durable.name
    await client.close()
