"""Which ID tokens are believed. How a real provider behaves: tests/integration/directory."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from services.directory.identity_providers.client import ProviderClient
from services.directory.identity_providers.configured import IdentityProvider
from services.directory.identity_providers.domain import NotIdentified, language_of

ISSUER, CLIENT, NONCE = "https://login.habay.example", "cococity", "a nonce"
KEY, STRANGER = (ECKey.generate_key("P-256", {"kid": "one"}) for _ in range(2))
SHARED = OctKey.import_key("a secret that is long enough for it", {"kid": "one"})
PROVIDER = IdentityProvider(name="habay", city_id=uuid4(), label="Habay", issuer=ISSUER, client_id=CLIENT)


def id_token(key: Any = KEY, algorithm: str = "ES256", **changed: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "jo",
        "iat": now,
        "exp": now + 300,
        "nonce": NONCE,
        "name": "Jo",
        "email": "Jo@Habay.example",
    } | changed
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": "one"}, present, key, algorithms=[algorithm])


async def arrived(monkeypatch: pytest.MonkeyPatch, token: dict[str, Any]) -> str:
    """The subject that a provider's token response identifies; only the network is left out."""

    async def answer(app: Any, *_: Any, **__: Any) -> dict[str, Any]:
        return token

    async def metadata(app: Any) -> dict[str, Any]:
        app.server_metadata.update(
            issuer=ISSUER,
            id_token_signing_alg_values_supported=["none", "HS256", "ES256"],
            jwks=KeySet([KEY]).as_dict(),
        )
        known: dict[str, Any] = app.server_metadata
        return known

    library = "authlib.integrations.base_client.async_app.AsyncOAuth2Mixin"
    monkeypatch.setattr(f"{library}.fetch_access_token", answer)
    monkeypatch.setattr(f"{library}.load_server_metadata", metadata)
    client = ProviderClient(PROVIDER, "https://town.example/sign-in/at/habay")
    identity = await client.arrive("a code", ISSUER, NONCE, "a verifier")
    assert identity.email == "jo@habay.example"
    return identity.subject


async def test_what_the_provider_signed_for_us_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await arrived(monkeypatch, {"id_token": id_token()}) == "jo"


@pytest.mark.parametrize(
    "token",
    [
        {},
        {"id_token": "a.b.c"},
        {"id_token": None},
        {"id_token": id_token(STRANGER)},
        {"id_token": id_token(SHARED, "HS256")},
        {"id_token": id_token(KEY)[:-4] + "AAAA"},
        {"id_token": id_token(KEY).rsplit(".", 1)[0] + "."},
        {"id_token": id_token(iss="https://login.arlon.example")},
        {"id_token": id_token(aud="another client")},
        {"id_token": id_token(aud=["another client", "a third"], azp=CLIENT)},
        {"id_token": id_token(aud=None)},
        {"id_token": id_token(nonce="another")},
        {"id_token": id_token(nonce=None)},
        {"id_token": id_token(exp=int(time.time()) - 60)},
        {"id_token": id_token(exp=None)},
        {"id_token": id_token(iat=int(time.time()) + 600)},
        {"id_token": id_token(sub=None)},
        {"id_token": id_token(sub=7)},
        {"id_token": id_token(sub="")},
        {"id_token": id_token(sub="x" * 256)},
        {"id_token": id_token(sub="jo\u0000")},
        {"id_token": id_token(email=["jo@habay.example"])},
        {"id_token": id_token(name={"first": "Jo"})},
    ],
)
async def test_everything_else_identifies_nobody(
    monkeypatch: pytest.MonkeyPatch, token: dict[str, Any]
) -> None:
    with pytest.raises(NotIdentified):
        await arrived(monkeypatch, token)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("nl-BE", "nl"), ("DE", "de"), ("en_GB", "en"), ("lb", "fr"), (None, "fr"), (3, "fr")],
)
def test_a_person_is_written_to_in_their_language_where_it_is_ours(locale: Any, language: str) -> None:
    assert language_of({"locale": locale}) == language
