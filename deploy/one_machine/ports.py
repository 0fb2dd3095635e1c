"""Which port each part listens on, all at loopback: a base for the gateway, the rest at fixed distances.

Another base moves them all, so that two systems can run side by side.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, fields

import psutil

DEFAULT_BASE = 8080


@dataclass(frozen=True)
class Ports:
    gateway: int
    directory: int
    campaigns: int
    notifications: int
    assessment: int
    portal: int
    nats: int
    nats_monitoring: int
    smtp: int
    mails: int
    traces: int
    otlp: int
    postgres: int

    @classmethod
    def from_base(cls, base: int = DEFAULT_BASE) -> Ports:
        return cls(
            gateway=base,
            directory=base + 21,
            campaigns=base + 22,
            notifications=base + 23,
            assessment=base + 24,
            portal=base + 25,
            nats=base + 42,
            nats_monitoring=base + 43,
            smtp=base + 45,
            mails=base + 46,
            traces=base + 47,
            otlp=base + 48,
            postgres=base + 52,
        )

    def of(self, name: str) -> int:
        return int(getattr(self, name))

    def taken(self) -> list[str]:
        """A line for each port that somebody else listens on: its number, its use, its holder if known."""
        return [
            f"Port {self.of(field.name)} (for {field.name.replace('_', ' ')}) is in use{_holder(port)}."
            for field in fields(self)
            if not _free(port := self.of(field.name))
        ]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that connections of a run that just ended are not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listens and listens.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass  # as an ordinary user, others' processes are not shown everywhere
    return ""
