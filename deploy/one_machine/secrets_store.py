"""The passwords and keys of one machine's system: made once, each a file only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from contracts.streams import OWNERS, nats_users

SERVICES_WITH_SECRETS = ("assessment", "notifications", "operations")
"""Who signs in to the directory as a service."""


class Secrets:
    """The files of one directory. A file that exists is never written again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def create_missing(self) -> None:
        for name in (
            "postgres_admin",
            *(f"postgres_{owner}" for owner in OWNERS),
            *(f"nats_{user.name}" for user in nats_users()),
            *(f"service_{name}" for name in SERVICES_WITH_SECRETS),
        ):
            self._create(name, lambda: secrets.token_urlsafe(24))
        self._create("signing_key.pem", _es256_key)
        self._create("push_key.pem", _es256_key)
        self._create("factor_keys", _sealing_key)
        self._create("webhook_keys", _sealing_key)
        self._create("sealing_keys", _sealing_key)
        self._write_service_secrets()

    def path(self, name: str) -> Path:
        return self.directory / name

    def read(self, name: str) -> str:
        return self.path(name).read_text()

    def nats_passwords(self) -> dict[str, str]:
        return {user.name: self.read(f"nats_{user.name}") for user in nats_users()}

    def _write_service_secrets(self) -> None:
        """Anew where a service came to have a secret since."""
        known = self.path("services.json")
        if known.exists() and set(json.loads(known.read_text())).issuperset(SERVICES_WITH_SECRETS):
            return
        known.unlink(missing_ok=True)
        secrets_by_name = {name: self.read(f"service_{name}") for name in SERVICES_WITH_SECRETS}
        self._create("services.json", lambda: json.dumps(secrets_by_name))

    def _create(self, name: str, make: Callable[[], str]) -> None:
        if self.path(name).exists():
            return
        unfinished = self.path(f".{name}")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
        unfinished.rename(self.path(name))


def _es256_key() -> str:
    """A private key on P-256, as PEM: for the directory's tokens, and for push services."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _sealing_key() -> str:
    """A key that secrets in a database are sealed with: second factors', webhooks', connected accounts'."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode() + "\n"
