"""Secrets that have to be read again lie in the database under a key that lies elsewhere.

The key is a file of its own, not derived from the signing key: that one is changed and thrown away, and
everybody would lose their authenticator with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from services.directory.secret_files import create_secret

_PERSON_BYTES = 16


class NoFactorKeys(RuntimeError):
    """The file with the keys is missing or holds something else; the message says which."""


class Unsealable(Exception):
    """What lies there was sealed with a key that is not there any more, or for somebody else."""


class Seal:
    """Encrypts with the first key, decrypts with any of them: so a key is replaced (docs/operating.md)."""

    def __init__(self, keys: list[Fernet]) -> None:
        self._keys = MultiFernet(keys)

    @classmethod
    def from_file(cls, path: Path | None, *, may_create: bool) -> Self:
        """With the keys in `path`, one a line; one is made where it is missing and `may_create`.

        Raises NoFactorKeys.
        """
        if path is None:
            raise NoFactorKeys("COCOCITY_FACTOR_KEYS_FILE is not set")
        if may_create and not path.exists():
            create_secret(path, Fernet.generate_key() + b"\n")
        try:
            keys = [Fernet(line) for line in path.read_text(encoding="ascii").split()]
            return cls(keys)
        except (OSError, ValueError) as error:
            raise NoFactorKeys(f"{path}: {error}") from error

    def seal(self, secret: str, person_id: UUID) -> bytes:
        """The secret, readable with the key alone, and for this person alone."""
        return self._keys.encrypt(person_id.bytes + secret.encode())

    def open(self, sealed: bytes, person_id: UUID) -> str:
        """The secret again. Raises Unsealable, too, where somebody moved it to another person's row."""
        try:
            opened = self._keys.decrypt(sealed)
        except InvalidToken:
            raise Unsealable from None
        if opened[:_PERSON_BYTES] != person_id.bytes:
            raise Unsealable
        return opened[_PERSON_BYTES:].decode()
