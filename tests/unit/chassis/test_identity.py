import hmac
import json
import time
from typing import Any
from uuid import UUID

import jwt
import pytest
from jwt.utils import base64url_encode

from chassis.identity import AUDIENCE, ISSUER, TOKEN_TYPE, Grant, Principal, Role, Verifier
from chassis.ids import new_id
from chassis.problems import Problem, unauthorised
from tests.support.tokens import TestIssuer

PERSON, CITY, OTHER_CITY, SHOP, OTHER_SHOP = (new_id() for _ in range(5))


class Clock:
    """Seconds that only pass when told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def verifier(issuer: TestIssuer) -> Verifier:
    return Verifier(issuer.keys())


async def _refusal(verifier: Verifier, token: str) -> Problem:
    with pytest.raises(Problem) as refused:
        await verifier.verify(token)
    return refused.value


async def test_a_token_says_who_and_with_which_roles(issuer: TestIssuer, verifier: Verifier) -> None:
    token = issuer.token(PERSON, Grant(Role.city_officer, CITY), Grant(Role.merchant, merchant_id=SHOP))
    for _ in range(2):  # verified, then remembered
        principal = await verifier.verify(token)
        assert principal.person_id == PERSON
        assert principal.grants == (Grant(Role.city_officer, CITY), Grant(Role.merchant, None, SHOP))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("exp", "31 s ago"),
        ("iat", "in 60 s"),
        ("nbf", "in 60 s"),
        ("iss", "somebody/else"),
        ("aud", "somebody-else"),
        ("aud", None),
        ("sid", "no-id"),
        ("sid", 7),
        ("sub", "not-a-person"),
        ("sub", "\x00"),
        ("exp", None),
        ("iat", None),
        ("sub", None),
        ("iss", None),
        ("exp", "soon"),
        ("exp", 1e400),
    ],
)
async def test_a_token_with_other_claims_is_refused(
    issuer: TestIssuer, verifier: Verifier, claim: str, value: Any
) -> None:
    now = int(time.time())
    value = {"31 s ago": now - 31, "in 60 s": now + 60}.get(value, value)
    assert (await _refusal(verifier, issuer.token(PERSON, **{claim: value}))).status == 401


async def test_a_token_of_another_issuers_key_is_refused(verifier: Verifier) -> None:
    assert (await _refusal(verifier, TestIssuer().token(PERSON))).status == 401  # same kid, other key
    assert (await _refusal(verifier, TestIssuer("other").token(PERSON))).status == 401


async def test_a_token_that_names_its_own_algorithm_is_refused(
    issuer: TestIssuer, verifier: Verifier
) -> None:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(PERSON), "iat": now, "exp": now + 900}
    header = {"kid": issuer.kid, "typ": TOKEN_TYPE}
    await verifier.verify(issuer.signed(claims))  # signed as it should be, the same is accepted
    unsigned = jwt.encode(claims, "", "none", headers=header)
    by_hmac = jwt.encode(claims, "k" * 32, "HS256", headers=header)
    by_public_key = _signed_by_hmac(claims, header, json.dumps(issuer.jwks()["keys"][0]).encode())
    for forged in (unsigned, by_hmac, by_public_key):
        assert (await _refusal(verifier, forged)).status == 401


def _signed_by_hmac(claims: dict[str, Any], header: dict[str, Any], secret: bytes) -> str:
    """The public key as the secret of an HMAC; written by hand, because the library refuses to."""
    parts = [json.dumps(each).encode() for each in ({**header, "alg": "HS256"}, claims)]
    signed = b".".join(map(base64url_encode, parts))
    return (signed + b"." + base64url_encode(hmac.digest(secret, signed, "sha256"))).decode()


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": ""},
        {"typ": "logout+jwt"},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/key.pem"},
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"crit": ["b64"], "b64": True},
        {"kid": None},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": "https://evil.example/jwks.json"},
        {"kid": "k" * 1_000},
    ],
)
async def test_a_token_whose_header_is_of_another_kind_is_refused(
    issuer: TestIssuer, verifier: Verifier, header: dict[str, Any]
) -> None:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(PERSON), "iat": now, "exp": now + 900}
    assert (await _refusal(verifier, issuer.signed(claims, **header))).status == 401


async def test_a_token_says_in_which_session_and_how_somebody_signed_in(
    issuer: TestIssuer, verifier: Verifier
) -> None:
    session = new_id()
    principal = await verifier.verify(issuer.token(PERSON, sid=str(session), amr=["mail", "otp", 7]))
    assert (principal.session_id, principal.methods) == (session, ("mail", "otp"))


async def test_whoever_vouches_is_asked_each_time_about_remembered_tokens_too(issuer: TestIssuer) -> None:
    asked = []

    async def vouch(principal: Principal) -> None:
        asked.append(principal.person_id)
        if len(asked) > 1:
            raise unauthorised("The session has ended.", "session-ended")

    verifier, token = Verifier(issuer.keys(), vouch=vouch), issuer.token(PERSON)
    await verifier.verify(token)
    assert (await _refusal(verifier, token)).slug == "session-ended"


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "é.é.é", "a" * 100_000, "e30.e30.e30", "\ud800"])
async def test_what_is_no_token_is_refused(verifier: Verifier, token: str) -> None:
    refused = await _refusal(verifier, token)
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


async def test_a_changed_token_is_refused(issuer: TestIssuer, verifier: Verifier) -> None:
    head, claims, signature = issuer.token(PERSON).split(".")
    other = issuer.token(new_id()).split(".")[1]
    assert claims != other
    assert (await _refusal(verifier, f"{head}.{other}.{signature}")).status == 401


async def test_a_remembered_token_expires_all_the_same(issuer: TestIssuer) -> None:
    clock = Clock()
    verifier = Verifier(issuer.keys(), seconds=clock)
    token = issuer.token(PERSON, seconds=-29)  # within the leeway by the real clock
    await verifier.verify(token)
    clock.now += 2
    remembered = verifier._recall(jwt_digest(token))
    assert remembered is None


async def test_what_is_remembered_is_bounded(issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.identity._REMEMBERED", 3)
    verifier = Verifier(issuer.keys())
    for _ in range(5):
        await verifier.verify(issuer.token(new_id()))
    assert len(verifier._remembered) == 3


async def test_a_role_of_tomorrow_does_not_lock_out_the_roles_of_today(
    issuer: TestIssuer, verifier: Verifier
) -> None:
    grants = [
        {"role": "mayor", "city": str(CITY)},
        {"role": "operator", "city": None, "merchant": None},
        "nonsense",
        {"role": "merchant", "merchant": "no-id"},
    ]
    principal = await verifier.verify(issuer.token(PERSON, grants=grants))
    assert principal.grants == (Grant(Role.operator),)


@pytest.mark.parametrize("role", ["city_officer", "merchant"])
async def test_a_role_that_needs_a_scope_is_nothing_without(
    role: str, issuer: TestIssuer, verifier: Verifier
) -> None:
    principal = await verifier.verify(issuer.token(PERSON, grants=[{"role": role}]))
    assert not principal.grants


async def test_a_person_is_no_service_whatever_the_grants_say(issuer: TestIssuer, verifier: Verifier) -> None:
    principal = await verifier.verify(issuer.token(PERSON, Grant(Role.service)))
    assert not principal.is_service()


async def test_a_service_is_known_by_its_name(issuer: TestIssuer, verifier: Verifier) -> None:
    principal = await verifier.verify(issuer.service_token("notifications"))
    assert principal.is_service("notifications")
    assert principal.is_service()
    principal.require_service("operations", "notifications")
    with pytest.raises(Problem):
        principal.require_service("operations")


@pytest.mark.parametrize(
    ("grant", "role", "scope", "allowed"),
    [
        (Grant(Role.city_officer, CITY), Role.city_officer, {"city_id": CITY}, True),
        (Grant(Role.city_officer, CITY), Role.city_officer, {"city_id": OTHER_CITY}, False),
        (Grant(Role.city_officer, CITY), Role.city_officer, {"city_id": CITY, "merchant_id": SHOP}, True),
        (Grant(Role.city_officer, CITY), Role.operator, {}, False),
        (Grant(Role.merchant, CITY, SHOP), Role.merchant, {"merchant_id": SHOP}, True),
        (Grant(Role.merchant, CITY, SHOP), Role.merchant, {"merchant_id": OTHER_SHOP}, False),
        (Grant(Role.merchant, CITY, SHOP), Role.merchant, {"city_id": CITY}, True),
        (Grant(Role.operator), Role.operator, {"city_id": CITY, "merchant_id": SHOP}, True),
        (Grant(Role.consultant), Role.consultant, {"city_id": CITY}, True),
        (Grant(Role.consultant, CITY), Role.consultant, {"city_id": OTHER_CITY}, False),
    ],
)
async def test_a_grant_allows_within_its_scope_only(
    grant: Grant, role: Role, scope: dict[str, UUID], allowed: bool
) -> None:
    principal = Principal(str(PERSON), PERSON, (grant,))
    assert principal.has(role, **scope) is allowed


def jwt_digest(token: str) -> bytes:
    from hashlib import sha256

    return sha256(token.encode()).digest()
