"""Real servers for tests: one PostgreSQL and one NATS per test process, on free ports, in temporary places.

Fixtures: `postgres` (Postgres) and `nats` (Nats), both for the session. With xdist each worker has its own.
They stay up: services of the session keep connections to them. A module whose tests stop or kill a server
replaces the fixture with one of its own (`started`, in `own_root`).
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import nats as nats_client
import psutil
import pytest
from nats.aio.client import Client

from chassis.row_security import scoped_role
from contracts.streams import DEPLOYER, OWNERS, inbox_prefix, nats_users
from deploy.nats.configuration import NatsSettings
from deploy.one_machine.nats_server import NatsServer
from deploy.one_machine.postgres_server import PostgresServer
from deploy.one_machine.server import Server
from tests.support.lent_databases import LentDatabases

PREFIX = "cococity-tests-"
IN_CONTAINERS = os.environ.get("COCOCITY_TEST_INFRA") == "docker"
"""Whether the servers of these fixtures are containers. Whole systems always run on the binaries."""

if IN_CONTAINERS or TYPE_CHECKING:
    from tests.support.containers import NatsContainer, PostgresContainer


class Postgres:
    """The session's PostgreSQL server."""

    def __init__(self, root: Path, *, fsync: bool = False) -> None:
        # No fsync: a killed process loses nothing that the kernel has, and no test cuts the power.
        self.root = root
        settings = {"fsync": "on" if fsync else "off"}
        port, password = free_port(), secrets.token_hex(8)
        self.server: PostgresServer | PostgresContainer
        if IN_CONTAINERS:
            self.server = PostgresContainer(port, password, settings)
        else:
            self.server = PostgresServer(root, port, password, log=root / "postgres.log", settings=settings)
        self.databases = LentDatabases(self._copy_of, self.admin_url)
        """What a test takes that writes little: `async with postgres.databases.lent(template) as url`."""

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def password(self) -> str:
        """The administrator's, and that of every role `create_database` made."""
        return self.server.password

    def admin_url(self, database: str = "postgres") -> str:
        return self.url(database)

    def url(self, database: str, user: str = "postgres") -> str:
        """With the password in it, as asyncpg takes it."""
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    async def create_database(
        self, name: str | None = None, *, template: str | None = None, owner: str | None = None
    ) -> str:
        """Create a database (a random name without one) and return its URL, password included.

        With `owner` a role of that name is created where there is none, owns the database and is in the URL.
        `template` copies an existing database, to which nobody may be connected (some 20 ms). Databases go
        with their server, all at once: files made while others are deleted cost ext4 a third of a processor.
        """
        name = name or f"test_{secrets.token_hex(6)}"
        connection = await asyncpg.connect(self.admin_url())
        try:
            for role in map(scoped_role, OWNERS):
                if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                    await connection.execute(f'create role "{role}"')
            if owner and not await connection.fetchval("select 1 from pg_roles where rolname = $1", owner):
                await connection.execute(f"create role \"{owner}\" login password '{self.password}'")
            await connection.execute(
                f'create database "{name}"'
                + (f' template "{template}" strategy file_copy' if template else "")
                + (f' owner "{owner}"' if owner else "")
            )
        finally:
            await connection.close()
        return self.url(name, owner or "postgres")

    async def _copy_of(self, template: str) -> str:
        return await self.create_database(template=template)

    async def drop_database(self, name: str) -> None:
        connection = await asyncpg.connect(self.admin_url())
        try:
            await connection.execute(f'drop database if exists "{name}" with (force)')
        finally:
            await connection.close()

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        """A fast shutdown."""
        self.server.stop()

    def kill(self) -> None:
        """All its processes at once (SIGKILL); `start` recovers."""
        self.server.kill()


class Nats:
    """The session's NATS server, with every user of the contracts."""

    def __init__(self, root: Path, *, sync_interval: str = "2m") -> None:
        self.credentials = {user.name: secrets.token_hex(8) for user in nats_users()}
        settings = NatsSettings(root / "jetstream", free_port(), free_port(), sync_interval=sync_interval)
        self.server: NatsServer | NatsContainer
        if IN_CONTAINERS:
            self.server = NatsContainer(root / "nats.conf", settings, self.credentials)
        else:
            self.server = NatsServer(root / "nats.conf", settings, self.credentials, log=root / "nats.log")

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def monitoring_url(self) -> str:
        return f"http://127.0.0.1:{self.server.settings.monitoring_port}"

    def password(self, user: str) -> str:
        return self.credentials[user]

    async def connect(self, user: str = DEPLOYER, **options: Any) -> Client:
        """A client signed in as this user, with its own inbox prefix. The caller closes it."""
        return await nats_client.connect(
            self.url,
            user=user,
            password=self.credentials[user],
            inbox_prefix=inbox_prefix(user).encode(),
            **options,
        )

    async def delete_streams(self) -> None:
        """Every stream with its durables: a clean bus for the next test."""
        client = await self.connect()
        try:
            bus = client.jetstream()
            for stream in await bus.streams_info():
                await bus.delete_stream(str(stream.config.name))
        finally:
            await client.close()

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def kill(self) -> None:
        """SIGKILL; `start` recovers what was acknowledged."""
        self.server.kill()


def free_port() -> int:
    """A free one below the range that outgoing connections take, so that it stays free over a restart."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def temporary_root() -> Path:
    """A directory that `nobody` can reach too: pytest's own are closed, and PostgreSQL may not be root."""
    root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    root.chmod(0o755)
    return root


def end_leftovers() -> None:
    """Servers and directories of test runs that were killed and could not clean up."""
    for root in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = root.name.removeprefix(PREFIX).split("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)) or not os.access(root, os.W_OK):
            continue
        for process in psutil.process_iter(["cmdline"]):
            if any(str(root) in argument for argument in process.info["cmdline"] or ()):
                process.kill()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def server_root() -> Iterator[Path]:
    end_leftovers()
    root = temporary_root()
    yield root
    # Hundreds of thousands of files, in the time of the last test: several times as fast as shutil.
    subprocess.run(["rm", "-rf", root], check=False)


_Server = TypeVar("_Server", Postgres, Nats)


@contextmanager
def started(server: _Server) -> Iterator[_Server]:
    """The server, started, and ended however its tests left it."""
    server.start()
    yield server
    server.kill()
    _remove(server.server)


@pytest.fixture(scope="session")
def postgres(server_root: Path) -> Iterator[Postgres]:
    with started(Postgres(server_root)) as server:
        yield server


@pytest.fixture(scope="session")
def nats(server_root: Path) -> Iterator[Nats]:
    with started(Nats(server_root)) as server:
        yield server


@pytest.fixture(scope="module")
def own_root() -> Iterator[Path]:
    """For a server of one module's own, whose tests stop or kill it."""
    root = temporary_root()
    yield root
    shutil.rmtree(root, ignore_errors=True)


def _remove(server: PostgresServer | NatsServer | PostgresContainer | NatsContainer) -> None:
    """What a container leaves behind; files of the binaries go with their directory."""
    if not isinstance(server, Server):
        server.remove()
