"""The NATS server's configuration: rendered from what `contracts.streams` says about users.

One file per server, with the passwords in it: written with mode 0600.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.streams import NatsUser, inbox_prefix, nats_users


@dataclass(frozen=True)
class NatsCluster:
    """One server's part in a cluster. Replicas of streams are the deploy step's: COCOCITY_STREAM_REPLICAS."""

    port: int
    """Where this server takes the others' routes: closed to everybody else."""
    routes: tuple[str, ...]
    """`host:port` of the others' cluster ports."""
    password: str
    """The same on every server: who has it is one of the cluster."""
    name: str = "cococity"
    advertise: str = ""
    """`host:port` that the others are told for this server's cluster port, where it is not the one it has."""


@dataclass(frozen=True)
class NatsSettings:
    store_dir: Path
    """Always explicit: the server's default is a temporary folder."""
    port: int
    monitoring_port: int
    host: str = "127.0.0.1"
    sync_interval: str = "2m"
    """Time between fsyncs; "always" syncs before each acknowledgement (0.52 instead of 0.30 ms a publish).

    With the default a power loss can take acknowledged messages; the outboxes fill them again."""
    max_file_store: str = "64GB"
    """The sum of the streams' own limits must fit, or they are not created."""
    server_name: str = "cococity"
    """In a cluster each server's own, and the same at every start."""
    cluster: NatsCluster | None = None


def render(settings: NatsSettings, passwords: Mapping[str, str]) -> str:
    """The configuration file's text. KeyError when a user of the contracts has no password."""
    quoted = json.dumps
    users = "\n".join(_user(user, passwords[user.name]) for user in nats_users())
    return f"""\
# Rendered by deploy/nats/configuration.py; changes here are lost.
server_name: {quoted(settings.server_name)}
listen: {quoted(f"{settings.host}:{settings.port}")}
http: {quoted(f"{settings.host}:{settings.monitoring_port}")}
max_payload: 1MB
jetstream {{
  store_dir: {quoted(str(settings.store_dir))}
  sync_interval: {quoted(settings.sync_interval)}
  max_memory_store: 64MB
  max_file_store: {settings.max_file_store}
}}
authorization {{
  users: [
{users}
  ]
}}
{_cluster(settings) if settings.cluster else ""}"""


def _cluster(settings: NatsSettings) -> str:
    assert settings.cluster is not None
    quoted, cluster = json.dumps, settings.cluster
    routes = [f"nats://route:{cluster.password}@{route}" for route in cluster.routes]
    # no_advertise: clients know the servers by COCOCITY_NATS_URL alone. Servers tell each other of a third.
    return f"""\
cluster {{
  name: {quoted(cluster.name)}
  listen: {quoted(f"{settings.host}:{cluster.port}")}
  authorization {{ user: route, password: {quoted(cluster.password)} }}
  routes: {quoted(routes)}
  no_advertise: true
{f"  cluster_advertise: {quoted(cluster.advertise)}" if cluster.advertise else ""}
}}
"""


def _user(user: NatsUser, password: str) -> str:
    subscribe = sorted({*user.subscribe, f"{inbox_prefix(user.name)}.>"})
    return (
        f"    {{ user: {json.dumps(user.name)}, password: {json.dumps(password)}, permissions: {{\n"
        f"        publish: {json.dumps(list(user.publish))}\n"
        f"        subscribe: {json.dumps(subscribe)}\n"
        "    }}"
    )


def write(path: Path, settings: NatsSettings, passwords: Mapping[str, str]) -> None:
    """Write the file, readable by its owner alone from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(render(settings, passwords))
