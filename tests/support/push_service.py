"""Browsers with keys of their own, and the push service of their maker, which cannot read what it has."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from secrets import token_bytes, token_hex
from typing import Any
from urllib.parse import urlsplit

import http_ece
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

NAME = "push.example"


def a_push_key() -> str:
    """An installation's, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Browser:
    """One that subscribed: only it can read what comes."""

    port: int
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: token_bytes(16))
    path: str = field(default_factory=lambda: f"/{token_hex(8)}")

    def subscription(self, language: str = "fr") -> dict[str, Any]:
        public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": f"https://{NAME}:{self.port}{self.path}",
            "keys": {"p256dh": _base64url(public), "auth": _base64url(self.auth)},
            "language": language,
        }

    def read(self, body: bytes) -> dict[str, Any]:
        """Raises where it is for another browser."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        found: dict[str, Any] = json.loads(plain)
        return found


class PushService:
    """Takes messages (RFC 8030) from whoever proves to be who browsers subscribed with (RFC 8292)."""

    def __init__(self) -> None:
        self.taken: dict[str, list[tuple[bytes, dict[str, str]]]] = defaultdict(list)
        self.answers: dict[str, deque[int]] = defaultdict(deque)
        """By path, what it answers before it takes something; 0: nothing, for as long as it is waited for."""
        self.retry_after: dict[str, str] = {}
        """By path, how long it asks to wait when it takes nothing."""
        self.asked: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        scheme, _, rest = request.headers["Authorization"].partition(" ")
        proof = dict(part.strip().split("=", 1) for part in rest.split(","))
        point = urlsafe_b64decode(proof["k"] + "==")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        us = f"https://{request.host}"
        claims = jwt.decode(proof["t"], public, algorithms=["ES256"], audience=us)
        assert scheme == "vapid"
        assert urlsplit(claims["sub"]).scheme in {"https", "mailto"}
        assert len(body) <= 4096
        self.asked[request.path] += 1
        if self.answers[request.path]:
            status = self.answers[request.path].popleft()
            if not status:
                await asyncio.Event().wait()
            wait = self.retry_after.get(request.path)
            return web.Response(status=status, headers={"Retry-After": wait} if wait else {})
        self.taken[request.path].append((body, dict(request.headers)))
        return web.Response(status=201)

    def shown(self, browser: Browser) -> list[dict[str, Any]]:
        """What the browser shows, in the order in which it came."""
        return [browser.read(body) for body, _ in self.taken[browser.path]]
