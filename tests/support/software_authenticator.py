"""A passkey in software: real keys, attestations and assertions, as authenticator and browser make them."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, MAY_SYNC, SYNCED, WITH_KEY = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class SoftwareAuthenticator:
    """One passkey. What a thief or a mistaken page would do is done by changing its fields."""

    origin: str = "https://town.example"
    rp_id: str = "town.example"
    is_synced: bool = False
    counts: bool = True
    """Whether it counts its answers, as hardware does and synced passkeys do not."""
    verifies: bool = True
    count: int = 0
    user_handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    _key: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.create`, and its `toJSON()`."""
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(WITH_KEY) + attested + encode_cbor(cose)
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": bytes_to_base64url(self._client_data("webauthn.create", options)),
            "attestationObject": bytes_to_base64url(attestation),
            "transports": ["internal"],
        }
        return self._credential(response)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.get`, and its `toJSON()`."""
        self.count += self.counts
        data, client_data = self._data(), self._client_data("webauthn.get", options)
        signature = self._key.sign(data + sha256(client_data).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": bytes_to_base64url(client_data),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "userHandle": bytes_to_base64url(self.user_handle),
        }
        return self._credential(response)

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | more | VERIFIED * self.verifies | (MAY_SYNC | SYNCED) * self.is_synced
        return sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        identifier = bytes_to_base64url(self.credential_id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
