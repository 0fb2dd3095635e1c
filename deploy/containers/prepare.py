"""Before anything starts in containers: makes the secrets that are missing, and hands each its own.

`python -m deploy.containers.prepare` writes below /secrets (one folder, in compose one volume, for each
container), /nats/nats.conf and /gateway. What exists is kept, so that a second start changes nothing.
Configuration: COCOCITY_NATS_SYNC, COCOCITY_TRACE_SAMPLE, COCOCITY_GATEWAY_RATE, COCOCITY_GATEWAY_BURST.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from contracts.streams import DEPLOYER, OWNERS
from deploy.gateway.rendering import GatewayPlaces, render
from deploy.nats import configuration
from deploy.one_machine.secrets_store import Secrets

SECRETS, NATS, GATEWAY = Path("/secrets"), Path("/nats"), Path("/gateway")
ADMINISTRATOR = "postgres_admin"
SERVICES = (*OWNERS, "portal")


def main() -> None:
    """Make, hand out, render."""
    secrets = Secrets(SECRETS / "all")
    secrets.create_missing()
    for container, names in belongings().items():
        folder = SECRETS / container
        folder.mkdir(exist_ok=True)
        for given_before in folder.iterdir():
            given_before.unlink()  # a key that was taken away is trusted no longer
        for source in (each for name in names for each in _with_its_like(secrets.path(name))):
            shutil.copyfile(source, folder / source.name)
            (folder / source.name).chmod(0o400)
    settings = configuration.NatsSettings(
        Path("/data/jetstream"),
        port=4222,
        monitoring_port=8222,
        host="0.0.0.0",  # noqa: S104  within the network of the containers
        sync_interval=os.environ["COCOCITY_NATS_SYNC"],
    )
    configuration.write(NATS / "nats.conf", settings, secrets.nats_passwords())
    shown = ("mails",) if os.environ["COCOCITY_ENVIRONMENT"] == "demo" else ()
    render(
        GATEWAY,
        GatewayPlaces(
            listen="0.0.0.0:8080",
            addresses={name: f"{name}:8080" for name in (*SERVICES, *shown)},
            files=Path("/tmp/gateway"),  # noqa: S108  a tmpfs of the container's own
            access_log=Path("/dev/stdout"),
            requests_per_second=int(os.environ["COCOCITY_GATEWAY_RATE"]),
            burst=int(os.environ["COCOCITY_GATEWAY_BURST"]),
            trace_share=float(os.environ["COCOCITY_TRACE_SAMPLE"]),
        ),
    )
    print(f"prepared: secrets of {', '.join(belongings())}; NATS and gateway configured", flush=True)


def belongings() -> dict[str, tuple[str, ...]]:
    """Which secrets each container is given, and no others."""
    own: dict[str, tuple[str, ...]] = {name: (f"postgres_{name}", f"nats_{name}") for name in OWNERS}
    own["directory"] += ("signing_key.pem", "factor_keys", "services.json")
    own["campaigns"] += ("webhook_keys", "sealing_keys")
    own["notifications"] += ("push_key.pem",)
    for name in ("assessment", "notifications"):
        own[name] += (f"service_{name}",)
    own["postgres"] = (ADMINISTRATOR,)
    databases = tuple(f"postgres_{name}" for name in OWNERS)
    own["operations"] = (ADMINISTRATOR, f"nats_{DEPLOYER}", "service_operations", *databases)
    return own


def _with_its_like(path: Path) -> list[Path]:
    """The secret, and the next or former keys beside a signing key (`signing_key.next.pem`)."""
    return [path, *sorted(path.parent.glob(f"{path.stem}.*.pem"))] if path.suffix == ".pem" else [path]


if __name__ == "__main__":
    main()
