"""Secrets that have to be read again lie in the database under a key that lies elsewhere."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_OWNER_BYTES = 16


class Unsealable(Exception):
    """What lies there was sealed with a key that is not there any more, or for somebody else."""


class Seal:
    """Encrypts with the first key, decrypts with any of them: so a key is replaced (docs/operating.md)."""

    def __init__(self, keys: list[Fernet]) -> None:
        self._keys = MultiFernet(keys)

    @classmethod
    def of(cls, keys: str) -> Self:
        """With these keys, one a line. Raises ValueError where there is none, or something else."""
        return cls([Fernet(line) for line in keys.split()])

    def seal(self, secret: str, owner: UUID) -> bytes:
        """The secret, readable with the key alone, and for this owner (a person, a row) alone."""
        return self._keys.encrypt(owner.bytes + secret.encode())

    def open(self, sealed: bytes, owner: UUID) -> str:
        """The secret again. Raises Unsealable, too, where somebody moved it to another owner's row."""
        try:
            opened = self._keys.decrypt(sealed)
        except InvalidToken:
            raise Unsealable from None
        if opened[:_OWNER_BYTES] != owner.bytes:
            raise Unsealable
        return opened[_OWNER_BYTES:].decode()
