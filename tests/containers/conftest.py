"""The system of docker-compose.yml, on a real Docker engine: `make test-containers`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import free_port

PROJECT = Path(__file__).parent.parent.parent
WANTED = "COCOCITY_TEST_CONTAINERS"


class Compose:
    """One project of its own: its names, volumes and port meet no other."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def run(self, *arguments: str, seconds: float = 60, check: bool = True) -> str:
        """What `docker compose …` prints; fails the test with its errors where it fails."""
        done = subprocess.run(
            ["docker", "compose", "--project-name", "cococity-tests", *arguments],
            cwd=PROJECT,
            env={
                **os.environ,
                "COCOCITY_LISTEN": f"127.0.0.1:{self.port}",
                "COCOCITY_GATEWAY_RATE": "5000",
                "COCOCITY_GATEWAY_BURST": "5000",
            },
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout

    def inspect(self, service: str, form: str) -> str:
        """One thing that the engine knows about a service's container."""
        container = self.run("ps", "--all", "--quiet", service).strip()
        command = ["docker", "inspect", "--format", form, container]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


@pytest.fixture(scope="session")
def compose() -> Iterator[Compose]:
    """Built, up, and its demo town loaded."""
    if not os.environ.get(WANTED):
        pytest.skip("needs a Docker engine and minutes: make test-containers")
    made = Compose(free_port())
    made.run("build", seconds=900)
    try:
        # They are made side by side: so a volume could be filled by the image of another.
        made.run("up", "--no-start", "--no-deps", "deploy")
        made.run("up", "--detach", "--wait", seconds=240, check=False)  # 1 where a one-shot has ended
        made.run("wait", "demo", seconds=120, check=False)
        # One that was never started has ended with 0 as well.
        ended = made.inspect("demo", "{{.State.Status}} {{.State.ExitCode}}")
        assert ended == "exited 0", made.run("logs", "--tail", "20", "prepare", "deploy", "demo")
        yield made
    finally:
        made.run("down", "--volumes", "--timeout", "5", seconds=120)
