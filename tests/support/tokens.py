"""Tokens as the directory would issue them, for tests of the other services."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.identity import ALGORITHM, AUDIENCE, ISSUER, SERVICE_PREFIX, TOKEN_TYPE, Grant, Role
from chassis.signing_keys import LocalKeys, write_cache


class TestIssuer:
    """A directory in miniature: one signing key, and tokens by it."""

    __test__ = False

    def __init__(self, kid: str = "test-1") -> None:
        self.kid = kid
        self._key = generate_private_key(SECP256R1())

    def jwks(self) -> dict[str, Any]:
        """The document the directory would publish."""
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [public | {"kid": self.kid, "use": "sig", "alg": ALGORITHM}]}

    def keys(self) -> LocalKeys:
        """For `Service(keys=…)` in the process of the test."""
        return LocalKeys(self.jwks())

    def write_cache(self, path: Path, *, age_seconds: float = 0) -> Path:
        """A cache file for `COCOCITY_JWKS_CACHE`, so that a service in a process of its own accepts us."""
        write_cache(path, self.jwks(), time.time() - age_seconds)
        return path

    def token(self, person: UUID, *grants: Grant, seconds: float = 900, **changed: Any) -> str:
        """A person's token; `changed` replaces claims (None leaves one out)."""
        now = time.time()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(person),
            "iat": int(now),
            "exp": int(now + seconds),
            "grants": [_listed(grant) for grant in grants],
        } | changed
        present = {name: value for name, value in claims.items() if value is not None}
        return self.signed(present)

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """A token with these claims; `header` replaces members of its header (None leaves one out)."""
        members = {"kid": self.kid, "typ": TOKEN_TYPE} | header
        present = {name: value for name, value in members.items() if value is not None}
        return jwt.encode(claims, self._key, ALGORITHM, headers=present)

    def service_token(self, name: str) -> str:
        """A service's token."""
        return self.token(UUID(int=0), Grant(Role.service), sub=SERVICE_PREFIX + name)

    def headers(self, person: UUID, *grants: Grant) -> dict[str, str]:
        """Request headers of somebody who is signed in."""
        return {"Authorization": f"Bearer {self.token(person, *grants)}"}


def _listed(grant: Grant) -> dict[str, str | None]:
    return {
        "role": grant.role.value,
        "city": str(grant.city_id) if grant.city_id else None,
        "merchant": str(grant.merchant_id) if grant.merchant_id else None,
        "district": str(grant.district_id) if grant.district_id else None,
    }
