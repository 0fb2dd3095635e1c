"""The gateway's configuration, filled in for one machine or for containers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TEMPLATES = Path(__file__).parent
WINDOWS = ("mails", "traces")
"""What only a demo shows; each has a template, used where it has an address."""


@dataclass(frozen=True)
class GatewayPlaces:
    """Where the gateway listens, whom it reaches, and what it writes to."""

    listen: str
    addresses: Mapping[str, str]
    """host:port of directory, campaigns, notifications, assessment and portal, and of a demo's windows."""
    files: Path
    """Where bodies and cached pages are kept; exists and is nginx's own."""
    access_log: Path
    requests_per_second: int
    """Per address and per token."""
    burst: int
    trace_share: float
    """Share of new traces that are kept, 0 to 1."""
    user: str = ""
    """nginx's directive, such as `user nobody nogroup;`; its own default where it is empty."""
    workers: int = 1


def render(folder: Path, places: GatewayPlaces) -> Path:
    """Write nginx.conf, and beside it the windows that have an address. Returns its path."""
    values = {
        "GATEWAY_USER": places.user,
        "GATEWAY_WORKERS": str(places.workers),
        "GATEWAY_PLACE": str(places.files),
        "GATEWAY_FOLDER": str(folder),
        "GATEWAY_ACCESS_LOG": str(places.access_log),
        "GATEWAY_LISTEN": places.listen,
        "GATEWAY_RATE": str(places.requests_per_second),
        "GATEWAY_BURST": str(places.burst),
        # nginx takes 0.01 to 100 %, and no 0.
        "GATEWAY_TRACED": f"{max(places.trace_share * 100, 0.01):.2f}% 01;" if places.trace_share else "",
        **{f"{name.upper()}_ADDRESS": address for name, address in places.addresses.items()},
    }
    for window in WINDOWS:
        (folder / f"windows-{window}.conf").unlink(missing_ok=True)
        if window in places.addresses:
            _fill(f"windows-{window}.conf", folder, values)
    return _fill("nginx.conf", folder, values)


def _fill(name: str, folder: Path, values: Mapping[str, str]) -> Path:
    """The template with its ${NAMES} filled in. KeyError when one has no value; $nginx_variables stay."""
    template = (TEMPLATES / f"{name}.template").read_text()
    path = folder / name
    path.write_text(re.sub(r"\$\{([A-Z_]+)\}", lambda found: values[found[1]], template))
    return path
