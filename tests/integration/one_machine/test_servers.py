"""The real servers from wheels: they start as root and as an ordinary user, and keep what they were given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import nats as nats_client
import pytest
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from contracts.streams import DEPLOYER, OWNERS
from deploy.one_machine.server import Server
from tests.support.servers import Nats, Postgres, started


@pytest.fixture(scope="module")
def postgres(own_root: Path) -> Iterator[Postgres]:
    with started(Postgres(own_root)) as server:
        yield server


@pytest.fixture(scope="module")
def nats(own_root: Path) -> Iterator[Nats]:
    with started(Nats(own_root)) as server:
        yield server


async def test_a_committed_row_survives_a_crash_of_postgres(postgres: Postgres) -> None:
    url = await postgres.create_database()
    connection = await asyncpg.connect(url)
    await connection.execute("create table kept (n int); insert into kept values (1)")
    await connection.close()

    postgres.kill()
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncpg.connect(url)
    postgres.start()

    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select n from kept") == 1
    await connection.close()


async def test_postgres_refuses_a_wrong_password(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.admin_url().replace(postgres.password, "wrong"))


async def test_a_database_is_copied_from_a_template_and_owned_by_its_role(postgres: Postgres) -> None:
    original = await postgres.create_database("original")
    connection = await asyncpg.connect(original)
    await connection.execute("create table t (n int)")
    await connection.close()

    copy = await postgres.create_database("copy", template="original", owner="somebody")

    connection = await asyncpg.connect(copy)
    assert await connection.fetchval("select current_user") == "somebody"
    assert await connection.fetchval("select to_regclass('t')::text") == "t"
    await connection.close()


async def test_every_user_of_the_contracts_can_sign_in_and_no_other(nats: Nats) -> None:
    for user in (*OWNERS, DEPLOYER):
        client = await nats.connect(user)
        await client.close()
    with pytest.raises(NatsError, match=r"(?i)authorization"):
        await nats_client.connect(nats.url, user="stranger", password="guess", allow_reconnect=False)


async def test_acknowledged_messages_survive_a_crash_of_nats(nats: Nats) -> None:
    client = await nats.connect()
    await client.jetstream().add_stream(name="KEPT", subjects=["kept.>"])
    await client.jetstream().publish("kept.one", b"1")
    await client.close()

    nats.kill()
    nats.start()

    client = await nats.connect()
    assert (await client.jetstream().stream_info("KEPT")).state.messages == 1
    await client.jetstream().delete_stream("KEPT")
    with pytest.raises(APIError):
        await client.jetstream().stream_info("KEPT")
    await client.close()


def test_a_server_that_runs_is_not_started_again(postgres: Postgres, nats: Nats) -> None:
    """Else the first one would be forgotten and outlive whoever started it."""
    for each in (postgres, nats):
        before = _first_process(each)
        each.start()
        assert _first_process(each) == before


def _first_process(of: Postgres | Nats) -> int | None:
    if not isinstance(of.server, Server):
        pytest.skip("an engine starts no container twice")
    return of.server.pid
