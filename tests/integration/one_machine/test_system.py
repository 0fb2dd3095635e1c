"""`cococity up`, the whole of it: ready, watched over, stopped in order, started again over the same data."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from deploy.one_machine import footprint
from deploy.one_machine.system import SERVICES
from tests.support.running_system import free_ports
from tests.support.servers import temporary_root

pytestmark = pytest.mark.slow


class Town:
    """A system under its supervisor, and what it printed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ports = free_ports(range(190, 200))
        self.output = root / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        arguments = ["up", "--root", str(self.root), "--port", str(self.ports.gateway), "--no-demo"]
        return [sys.executable, "-m", "operations", *arguments]

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=subprocess.STDOUT)
        self.wait_for(lambda: "Ctrl-C stops everything" in self.printed())

    def printed(self) -> str:
        return self.output.read_text()

    def readiness(self) -> int:
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports.gateway}/readyz", timeout=5).status_code
        except httpx.TransportError:
            return 0

    def wait_for(self, condition: Callable[[], bool], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, f"the system ended: {self.printed()}"
            assert time.monotonic() < deadline, f"it did not happen in time: {self.printed()}"
            time.sleep(0.05)

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def pid_of(self, name: str) -> int:
        found = re.search(r'"pid": (\d+)', (self.root / "run" / f"{name}.pid").read_text())
        assert found is not None
        return int(found[1])

    async def ask_database(self, query: str) -> object:
        password = (self.root / "secrets" / "postgres_admin").read_text()
        url = f"postgresql://postgres:{password}@127.0.0.1:{self.ports.postgres}/directory"
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    town = Town(temporary_root())
    town.start()
    yield town
    if town.process is not None and town.process.poll() is None:
        town.process.terminate()
        town.process.wait(30)
    shutil.rmtree(town.root, ignore_errors=True)


def test_it_is_ready_when_it_says_so_and_fits_in_its_memory(town: Town) -> None:
    assert town.readiness() == 200
    measured = footprint.measure(town.root / "run")

    assert measured is not None
    assert measured.seconds_to_ready is not None
    assert {share.name for share in measured.shares} >= {*SERVICES, "postgres", "nats", "gateway"}
    assert measured.total < 1_200_000_000, measured


@pytest.mark.parametrize("name", ["campaigns", "gateway", "nats", "postgres"])
def test_what_is_killed_comes_back_by_itself(town: Town, name: str) -> None:
    before = town.pid_of(name)

    os.kill(before, signal.SIGKILL)

    town.wait_for(lambda: f"{name} ended with signal SIGKILL: starting it again" in town.printed())
    town.wait_for(lambda: town.pid_of(name) != before and town.readiness() == 200)


def test_a_second_instance_is_refused_with_a_clear_line(town: Town) -> None:
    refused = subprocess.run(town.command(), capture_output=True, text=True, timeout=30, check=False)

    assert refused.returncode == 1
    assert "CoCoCity already runs over" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert town.readiness() == 200


async def test_sigterm_stops_everything_and_the_next_start_finds_the_data(town: Town) -> None:
    assert town.process is not None
    await town.ask_database("create table kept as select 42 as answer")
    living = town.processes()

    began = time.monotonic()
    town.process.send_signal(signal.SIGTERM)
    assert town.process.wait(15) == 0
    stopped_after = time.monotonic() - began

    assert stopped_after < 12
    assert not [process for process in living if process.is_running() and process.status() != "zombie"]
    assert town.ports.taken() == []
    assert "Everything is stopped" in town.printed()

    town.start()
    assert await town.ask_database("select answer from kept") == 42
