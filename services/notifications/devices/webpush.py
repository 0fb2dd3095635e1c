"""What goes to a push service: encrypted for one browser (RFC 8291), from this installation (RFC 8292).

The service that a browser's maker runs cannot read it, and takes it from no one else: a browser subscribes
with our public key.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from services.notifications.devices.storage import Subscription

_CURVE = ec.SECP256R1()
_VALID_FOR = timedelta(hours=12)
"""A day at most (RFC 8292, 2)."""
KEPT_FOR = timedelta(days=2)
"""How long a push service holds a message for a browser that is off."""
MOST_BYTES = 3_000
"""Before encryption: push services take 4,096 bytes with all that encryption adds (RFC 8291, 4)."""


class PushKey:
    """The key pair by which push services know this installation. Another one ends every subscription."""

    def __init__(self, pem: str, contact: str) -> None:
        """`contact`: our address, for their staff. Raises ValueError for what is no private key on P-256."""
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("the key for push messages is no private key on P-256")
        self._key = key
        self._contact = contact
        self.public = _base64url(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header's value for that push service."""
        host = urlsplit(endpoint)
        claims = {
            "aud": f"{host.scheme}://{host.netloc}",
            "exp": int((now + _VALID_FOR).timestamp()),
            "sub": self._contact,
        }
        return f"vapid t={jwt.encode(claims, self._key, algorithm='ES256')}, k={self.public}"


def encrypted(message: bytes, subscription: Subscription) -> bytes:
    """For that browser alone, under a key pair of this one message. Raises ValueError above MOST_BYTES."""
    if len(message) > MOST_BYTES:
        raise ValueError(f"a push message has at most {MOST_BYTES} bytes")
    import http_ece  # here, where it is needed: most processes never send one

    body: bytes = http_ece.encrypt(
        message,
        private_key=ec.generate_private_key(_CURVE),
        dh=_decoded(subscription.p256dh),
        auth_secret=_decoded(subscription.auth),
        version="aes128gcm",
    )
    return body


def headers(key: PushKey, endpoint: str, message_id: UUID, now: datetime, *, urgent: bool) -> dict[str, str]:
    """With a topic: of one message that is sent twice a browser that was off shows one (RFC 8030, 5.4)."""
    return {
        "Authorization": key.authorization(endpoint, now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(KEPT_FOR.total_seconds())),
        "Topic": _base64url(message_id.bytes),
        "Urgency": "high" if urgent else "normal",
    }


def is_public_key(text: str) -> bool:
    """Whether that is a point on P-256 in base64url, as a browser gives it."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _decoded(text))
    except ValueError:
        return False
    return True


def is_secret(text: str) -> bool:
    """Whether that is 16 bytes in base64url, as a browser gives them."""
    try:
        return len(_decoded(text)) == 16
    except ValueError:
        return False


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
