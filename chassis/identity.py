"""Who is asking: ES256 tokens of the directory, verified in every service, and the roles they carry."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid5

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from chassis.problems import forbidden, unauthorised, unavailable
from chassis.scopes import require_scope, scopes_of
from chassis.signing_keys import KeySource, KeysUnavailable

ISSUER = "cococity/directory"
AUDIENCE = "cococity"
"""Whom tokens are for: all services of one installation."""
ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105  a media type
"""RFC 9068: what was signed for another purpose is no access token, whatever it says."""
LEEWAY_SECONDS = 30
SERVICE_PREFIX = "service:"
KEY_PREFIX = "key:"
_LONGEST_TOKEN = 8_192
_LONGEST_KEY_ID = 100
_REMEMBERED = 10_000
_SERVICES = UUID("8f2a1d4e-6c3b-5a70-9d1e-2b7c4f5a6e90")
_REQUIRED = ["exp", "iat", "sub", "iss", "aud"]
_HEADER = frozenset({"alg", "kid", "typ"})
# `jku`, `x5u` and `jwk` would let a token bring its own key, `crit` ask for rules we do not have.


class Role(StrEnum):
    """What somebody may be, each within a scope."""

    city_officer = "city_officer"
    association_officer = "association_officer"
    """Of a merchants' association: for a district, or for single merchants."""
    merchant = "merchant"
    """Who owns a merchant's account."""
    merchant_staff = "merchant_staff"
    """Who works there: sees and answers, but neither hands over nor invites."""
    ambassador = "ambassador"
    consultant = "consultant"
    operator = "operator"
    service = "service"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope. A scope that is None is not restricted."""

    role: Role
    city_id: UUID | None = None
    merchant_id: UUID | None = None
    district_id: UUID | None = None

    def covers(self, role: Role, city_id: UUID | None, merchant_id: UUID | None) -> bool:
        """Whether it allows that role there; what is not asked for (None) is not looked at."""
        return (
            self.role is role
            and (city_id is None or self.city_id is None or self.city_id == city_id)
            and (merchant_id is None or self.merchant_id is None or self.merchant_id == merchant_id)
        )

    def is_scoped_enough(self) -> bool:
        """An officer without a city or a merchant without a shop would be one everywhere: refused."""
        match self.role:
            case Role.city_officer:
                return self.city_id is not None
            case Role.association_officer:
                return self.city_id is not None and (self.district_id is None) != (self.merchant_id is None)
            case Role.merchant | Role.merchant_staff:
                return self.merchant_id is not None
        return True


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a verified token speaks for."""

    subject: str
    """The token's `sub`: a person id, `service:<name>`, or `key:<id>` for a city's own system."""
    person_id: UUID
    """Who did it, in records: the person; for a key its own id, and for a service one made of its name.
    Both belong to no person."""
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    """Which areas of the API a key is for (`chassis/scopes.py`); None for whoever is not restricted."""
    session_id: UUID | None = None
    """The session the token was made in (`sid`); None for services and in a demonstration."""
    methods: tuple[str, ...] = ()
    """How the person proved who they are in that session (`amr`, RFC 8176)."""
    withheld: frozenset[Role] = frozenset()
    """Roles that the person has and the session may not act with: it lacks a second factor."""
    may_be_ranked: bool = False
    """Whether a public ranking may show them: 18 or older, and they agreed. Nobody else is ever in one."""

    @property
    def is_person(self) -> bool:
        """Whether somebody acts in person: neither a service nor a key."""
        return not self.subject.startswith((SERVICE_PREFIX, KEY_PREFIX))

    def has(self, role: Role, city_id: UUID | None = None, merchant_id: UUID | None = None) -> bool:
        """Whether some grant gives this role within that scope."""
        return any(grant.covers(role, city_id, merchant_id) for grant in self.grants)

    def is_service(self, name: str | None = None) -> bool:
        """Whether this is a service (and that one, where a name is given)."""
        if not self.has(Role.service):
            return False
        return name is None or self.subject == SERVICE_PREFIX + name

    def require_service(self, *names: str) -> None:
        """Return where this is one of these services; raise a 403 Problem otherwise."""
        if not any(self.is_service(name) for name in names):
            raise forbidden("Only services may do this.")


Vouch = Callable[[Principal], Awaitable[None]]
"""Returns where the principal of a verified token still is what it says; raises a Problem otherwise."""


class Verifier:
    """Turns tokens into principals. A token that was verified is remembered until it expires.

    Verifying takes some 0.1 ms of processor time, remembering 1 µs: a busy client pays once per token.
    """

    def __init__(
        self, keys: KeySource, *, vouch: Vouch | None = None, seconds: Callable[[], float] = time.time
    ) -> None:
        self.keys = keys
        self._vouch = vouch
        self._seconds = seconds
        self._remembered: dict[bytes, tuple[float, Principal]] = {}
        self._generation = keys.generation

    async def verify(self, token: str) -> Principal:
        """The principal of a valid token. Raises a 401 Problem, or 503 where there are no keys to tell by."""
        principal = await self._verified(token)
        if self._vouch is not None:
            await self._vouch(principal)
        return principal

    async def _verified(self, token: str) -> Principal:
        if len(token) > _LONGEST_TOKEN:
            raise unauthorised("The token is too long.", "invalid-token")
        # Its digest, so that no token lies in memory to be found in a core dump.
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        remembered = self._recall(digest)
        if remembered is not None:
            return remembered
        claims = await self._claims(token)
        principal = _principal(claims)
        self._remember(digest, float(claims["exp"]), principal)
        return principal

    def _recall(self, digest: bytes) -> Principal | None:
        if self._generation != self.keys.generation:  # a key may have been withdrawn
            self._remembered.clear()
            self._generation = self.keys.generation
        entry = self._remembered.get(digest)
        if entry is None or not self.keys.available():
            return None
        if entry[0] + LEEWAY_SECONDS <= self._seconds():
            del self._remembered[digest]
            return None
        return entry[1]

    def _remember(self, digest: bytes, expires: float, principal: Principal) -> None:
        if len(self._remembered) >= _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]  # the one that has been here for longest
        self._remembered[digest] = (expires, principal)

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            key = await self.keys.key(_key_named(jwt.get_unverified_header(token)))
            if key is None:
                raise unauthorised("The token is signed with an unknown key.", "invalid-token")
            return self._decode(token, key)
        except KeysUnavailable:
            raise unavailable("Tokens cannot be verified just now.") from None
        except jwt.ExpiredSignatureError:
            raise unauthorised("The token has expired.", "token-expired") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise unauthorised("The token is not valid.", "invalid-token") from None

    def _decode(self, token: str, key: Any) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )


def _key_named(header: dict[str, Any]) -> str:
    """The key id of a token's header. Raises a 401 Problem for what is no header of an access token."""
    if header.get("typ") != TOKEN_TYPE or not header.keys() <= _HEADER:
        raise unauthorised("This is no access token.", "invalid-token")
    kid = header.get("kid")
    if not isinstance(kid, str) or len(kid) > _LONGEST_KEY_ID:
        raise unauthorised("The token names no key.", "invalid-token")
    return kid


def _principal(claims: dict[str, Any]) -> Principal:
    subject = claims["sub"]
    listed = claims.get("grants")
    grants = tuple(filter(None, map(_grant, listed if isinstance(listed, list) else ())))
    if subject.startswith(SERVICE_PREFIX):
        return Principal(subject, uuid5(_SERVICES, subject), grants)
    # Neither a person nor a key is a service, whatever the list of grants says.
    grants = tuple(grant for grant in grants if grant.role is not Role.service)
    try:
        if subject.startswith(KEY_PREFIX):
            key_id = UUID(subject.removeprefix(KEY_PREFIX))
            return Principal(subject, key_id, grants, scopes_of(claims.get("scope")))
        person_id = UUID(subject)
        session_id = UUID(claims["sid"]) if claims.get("sid") is not None else None
    except (ValueError, TypeError, AttributeError):
        raise unauthorised("The token's subject or session cannot be read.", "invalid-token") from None
    methods = claims.get("amr")
    named = tuple(each for each in methods if isinstance(each, str)) if isinstance(methods, list) else ()
    return Principal(
        subject,
        person_id,
        grants,
        session_id=session_id,
        methods=named,
        withheld=_withheld(claims.get("withheld")),
        may_be_ranked=claims.get("ranked") is True,
    )


def _withheld(listed: Any) -> frozenset[Role]:
    known = set(Role) - {Role.service}
    return frozenset(role for role in known if isinstance(listed, list) and role.value in listed)


def _grant(entry: Any) -> Grant | None:
    """None for what this version does not know: a new role must not lock its holder out of the others."""
    try:
        places = (entry.get(place) for place in ("city", "merchant", "district"))
        grant = Grant(Role(entry["role"]), *(UUID(place) if place else None for place in places))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return grant if grant.is_scoped_enough() else None


class _MaybeSignedIn(HTTPBearer):
    """Reads and verifies at once: the framework solves each dependency of another one at its own cost."""

    def __init__(self) -> None:
        described = "A token of the directory."
        super().__init__(
            auto_error=False, bearerFormat="JWT", scheme_name="HTTPBearer", description=described
        )

    async def __call__(self, request: Request) -> Principal | None:  # type: ignore[override]
        credentials = await super().__call__(request)
        if credentials is None:
            if "authorization" in request.headers:
                raise unauthorised("The Authorization header holds no bearer token.", "invalid-token")
            return None
        verifier: Verifier = request.app.state.verifier
        principal = await verifier.verify(credentials.credentials)
        if principal.scopes is not None:
            require_scope(principal.scopes, request)
        request.state.principal = principal
        return principal


class _SignedIn(_MaybeSignedIn):
    async def __call__(self, request: Request) -> Principal:  # type: ignore[override]
        principal = await super().__call__(request)
        if principal is None:
            raise unauthorised("Sign in first: send a token as `Authorization: Bearer …`.")
        return principal


MaybeSignedIn = Annotated[Principal | None, Depends(_MaybeSignedIn())]
"""The principal, or None without a token. A token that is there and not valid is refused all the same, and so
is a key's where its scopes do not allow the request."""


SignedIn = Annotated[Principal, Depends(_SignedIn())]
"""The principal; a 401 problem without a valid token."""
