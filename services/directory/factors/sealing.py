"""The keys that factors' secrets are sealed with.

They are a file of their own, not derived from the signing key: that one is changed and thrown away, and
everybody would lose their authenticator with it.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet

from chassis.sealing import Seal
from services.directory.secret_files import create_secret


class NoFactorKeys(RuntimeError):
    """The file with the keys is missing or holds something else; the message says which."""


def seal_from_file(path: Path | None, *, may_create: bool) -> Seal:
    """With the keys in `path`, one a line; one is made where it is missing and `may_create`.

    Raises NoFactorKeys.
    """
    if path is None:
        raise NoFactorKeys("COCOCITY_FACTOR_KEYS_FILE is not set")
    if may_create and not path.exists():
        create_secret(path, Fernet.generate_key() + b"\n")
    try:
        return Seal.of(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise NoFactorKeys(f"{path}: {error}") from error
