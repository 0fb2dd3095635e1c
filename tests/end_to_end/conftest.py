"""One running system for these tests: `cococity up`, as anybody would start it, or one that runs already.

COCOCITY_E2E_GATEWAY names the gateway of a running one, COCOCITY_ROOT its directory.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from demo.gateway import Gateway
from deploy.one_machine.ports import Ports
from deploy.one_machine.system import System
from tests.support.running_system import free_ports
from tests.support.servers import end_leftovers, temporary_root

READY_SECONDS = 120


@pytest.fixture(scope="package")
def system() -> Iterator[System]:
    """A demo system without its town, ready."""
    if running := os.environ.get("COCOCITY_E2E_GATEWAY"):
        base = httpx.URL(running).port
        yield System(Path(os.environ["COCOCITY_ROOT"]), Ports.from_base(base or 8080))
        return
    end_leftovers()
    root = temporary_root()
    started = System(root, free_ports(range(140, 170)))
    log = root / "up.log"
    command = [sys.executable, "-m", "operations", "up", "--no-demo"]
    options = ["--root", str(root), "--port", str(started.ports.gateway)]
    with log.open("wb") as output:
        up = subprocess.Popen([*command, *options], stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(started, up, log)
        yield started
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(60)
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="package")
def town(system: System) -> System:
    """The system with the demo town loaded, weeks behind it, twice: loading again must be harmless."""
    for _ in range(2):
        _run("demo.load", "--gateway", system.address, "--weeks", "4")
    return system


@pytest.fixture
async def gateway(town: System) -> AsyncIterator[Gateway]:
    """The gateway, as any person of the demo."""
    async with Gateway(town.address) as client:
        yield client


def _run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def _wait_until_ready(started: System, up: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not started.is_ready():
        assert up.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
