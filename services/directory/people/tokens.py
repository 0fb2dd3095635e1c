"""Access tokens: ES256, fifteen minutes, with the grants of whoever they speak for (RFC 9068, RFC 7518).

One key signs. Others are published beside it: the next one, so that every service knows it before it signs,
and former ones, until the last token they signed is over (docs/operating.md says how keys are changed).
"""

import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode

from chassis.identity import (
    ALGORITHM,
    AUDIENCE,
    ISSUER,
    KEY_PREFIX,
    SERVICE_PREFIX,
    TOKEN_TYPE,
    Grant,
    Role,
)
from services.directory.secret_files import create_secret

LIFETIME = timedelta(minutes=15)


class NoSigningKey(RuntimeError):
    """The file with the signing key is missing or holds something else; the message says which."""


@dataclass(frozen=True)
class Token:
    """A signed token and when it ends."""

    token: str
    expires_at: datetime


class TokenIssuer:
    """Signs tokens. Its public keys are what every other service verifies them with."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, others: Iterable[ec.EllipticCurvePublicKey] = ()
    ) -> None:
        self._key = key
        published = [_published(each) for each in (key.public_key(), *others)]
        self.key_id: str = published[0]["kid"]
        self.key_set: dict[str, Any] = {"keys": list({each["kid"]: each for each in published}.values())}
        """The JWKS document (RFC 7517)."""

    @classmethod
    def from_file(cls, path: Path | None, *, may_create: bool) -> Self:
        """With the key in `path`; made there where it is missing and `may_create`. Raises NoSigningKey.

        Keys beside it that verify only are named `<stem>.<anything><suffix>`: `signing_key.next.pem`.
        """
        if path is None:
            raise NoSigningKey("COCOCITY_SIGNING_KEY_FILE is not set")
        if not path.exists():
            if not may_create:
                raise NoSigningKey(f"{path} does not exist")
            create_secret(path, _new_key())
        beside = sorted(path.parent.glob(f"{escape(path.stem)}.*{escape(path.suffix)}"))
        return cls(_read_key(path), [_read_key(each).public_key() for each in beside])

    def derived(self, purpose: str) -> bytes:
        """A secret of 256 bits for another purpose than signing (HKDF, RFC 5869). Changes with the key."""
        secret = self._key.private_numbers().private_value.to_bytes(32, "big")
        return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret)

    def for_person(
        self,
        person_id: UUID,
        grants: Iterable[Grant],
        at: datetime,
        *,
        methods: Sequence[str],
        session_id: UUID | None = None,
        withheld: Collection[Role] = (),
        may_be_ranked: bool = False,
    ) -> Token:
        """A token that speaks for a person who signed in by `methods`.

        `withheld` names the roles they have and may not act with for want of a second factor.
        `may_be_ranked`: they are 18 or older and agreed that their name is in public rankings.
        """
        more: dict[str, Any] = {"sid": str(session_id)} if session_id else {}
        if withheld:
            more["withheld"] = sorted(withheld)
        if may_be_ranked:
            more["ranked"] = True
        return self._sign(str(person_id), grants, at, amr=list(methods), **more)

    def for_service(self, name: str, at: datetime) -> Token:
        """A token that speaks for a service."""
        return self._sign(SERVICE_PREFIX + name, [Grant(Role.service)], at)

    def for_key(
        self, key_id: object, grants: Iterable[Grant], scopes: Iterable[str], at: datetime, *, until: datetime
    ) -> Token:
        """A token that speaks for a city's own system, and does not outlive its key."""
        return self._sign(f"{KEY_PREFIX}{key_id}", grants, at, until=until, scope=" ".join(scopes))

    def _sign(
        self,
        subject: str,
        grants: Iterable[Grant],
        at: datetime,
        *,
        until: datetime | None = None,
        **more: object,
    ) -> Token:
        expires_at = min(at + LIFETIME, until or at + LIFETIME).replace(microsecond=0)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": int(at.timestamp()),
            "exp": int(expires_at.timestamp()),
            "grants": [_claim(grant) for grant in grants],
        } | more
        header = {"kid": self.key_id, "typ": TOKEN_TYPE}
        signed = jwt.encode(claims, self._key, algorithm=ALGORITHM, headers=header)
        return Token(signed, expires_at)


class ServiceSecrets:
    """Which services may sign in, and with what."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = {name: secret.encode() for name, secret in secrets.items() if secret}

    @classmethod
    def from_file(cls, path: Path | None) -> Self:
        """Those in the JSON object of `path`. Raises ValueError where it is none."""
        if path is None:
            return cls({})
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(isinstance(secret, str) for secret in found.values()):
            raise ValueError(f"{path} is not a JSON object of names and secrets")
        return cls(found)

    def accept(self, name: str, secret: str) -> bool:
        """Whether the secret is that service's; takes as long for a name nobody has."""
        expected = self._secrets.get(name)
        same = hmac.compare_digest(expected or bytes(32), secret.encode("utf-8", "surrogatepass"))
        return same and expected is not None


def _claim(grant: Grant) -> dict[str, str | None]:
    return {
        "role": grant.role.value,
        "city": str(grant.city_id) if grant.city_id else None,
        "merchant": str(grant.merchant_id) if grant.merchant_id else None,
        "district": str(grant.district_id) if grant.district_id else None,
    }


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise NoSigningKey(f"{path}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NoSigningKey(f"{path} holds no P-256 key")
    return key


def _published(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    public: dict[str, Any] = ECAlgorithm.to_jwk(key, as_dict=True)
    members: dict[str, str] = {name: public[name] for name in ("crv", "kty", "x", "y")}
    return {**members, "use": "sig", "alg": ALGORITHM, "kid": _thumbprint(members)}


def _thumbprint(members: Mapping[str, str]) -> str:
    """RFC 7638: the key's own hash, so that the same key has the same id everywhere."""
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return base64url_encode(sha256(canonical.encode()).digest()).decode()


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
