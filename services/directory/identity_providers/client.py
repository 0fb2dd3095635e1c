"""Speaks with one identity provider: code flow with PKCE, state and nonce, by Authlib.

Discovery, the provider's keys and the rules of an ID token are the library's. Added here: the issuer is
the one that was configured and not the one the document claims, the audience is us, signatures are
asymmetric, and user info is about the same subject.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import StarletteOAuth2App
from joserfc.errors import JoseError
from pydantic import TypeAdapter, ValidationError

from chassis.http import ShortText
from services.directory.identity_providers.configured import IdentityProvider
from services.directory.identity_providers.domain import Identity, NotIdentified, language_of, subject_of
from services.directory.people.addresses import normal

_TIMEOUT_SECONDS = 5.0
_FORGET_SECONDS = 3_600.0
"""A key that the provider withdrew is trusted for that long."""
_LEEWAY_SECONDS = 30
_ASYMMETRIC = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "Ed25519")
_NAME: TypeAdapter[str] = TypeAdapter(ShortText)

# At its most talkative level the library writes code verifiers into the log.
logging.getLogger("authlib").setLevel(logging.INFO)


class ProviderAway(Exception):
    """The provider does not answer, or not as one: nothing can be said about the person."""


@dataclass(frozen=True, slots=True)
class Departure:
    """What has to be known again when somebody comes back."""

    url: str
    """Where the person signs in."""
    state: str
    nonce: str
    code_verifier: str


class ProviderClient:
    """One provider, and the address people come back to."""

    def __init__(
        self, provider: IdentityProvider, redirect_uri: str, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._provider = provider
        self._redirect_uri = redirect_uri
        self._seconds = seconds
        self._app: Any = None
        self._made_at = 0.0

    async def depart(self) -> Departure:
        """Where to send somebody. Raises ProviderAway."""
        app = await self._ready()
        begun = await app.create_authorization_url(self._redirect_uri)
        return Departure(begun["url"], begun["state"], begun["nonce"], begun["code_verifier"])

    async def arrive(self, code: str, issuer: str | None, nonce: str, code_verifier: str) -> Identity:
        """Who came back with this code. Raises NotIdentified and ProviderAway.

        `issuer` is the `iss` of the response (RFC 9207): with it, another provider's code is not sent here.
        """
        app = await self._ready()
        promised = app.server_metadata.get("authorization_response_iss_parameter_supported") is True
        if issuer != self._provider.issuer and (issuer is not None or promised):
            raise NotIdentified("the answer comes from another issuer")
        try:
            token = await app.fetch_access_token(self._redirect_uri, code=code, code_verifier=code_verifier)
            claims = await self._claims(app, token, nonce)
        except httpx2.HTTPError as error:
            raise ProviderAway(type(error).__name__) from error
        except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise NotIdentified(f"it was not accepted ({type(error).__name__})") from error
        return self._identity(claims)

    async def _ready(self) -> Any:
        """The library's client, with the provider's metadata and keys of the last hour."""
        if self._app is not None and self._seconds() - self._made_at < _FORGET_SECONDS:
            return self._app
        provider = self._provider
        secret, method = provider.secret(), provider.token_endpoint_auth_method
        if secret is not None and method == "client_secret_basic":
            secret = quote_plus(secret)  # RFC 6749, section 2.3.1; the library leaves it out
        app = StarletteOAuth2App(
            None,
            provider.name,
            client_id=provider.client_id,
            client_secret=secret,
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": provider.scope,
                "code_challenge_method": "S256",
                "timeout": _TIMEOUT_SECONDS,
                "token_endpoint_auth_method": method if secret else "none",
            },
        )
        try:
            metadata = await app.load_server_metadata()
            if metadata["issuer"] != provider.issuer:
                raise ValueError("another issuer")
            metadata["id_token_signing_alg_values_supported"] = _asymmetric(metadata)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProviderAway(type(error).__name__) from error
        self._app, self._made_at = app, self._seconds()
        return app

    async def _claims(self, app: Any, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Of the ID token; of the user info, too, where there is some about the same subject."""
        options = {
            "iss": {"essential": True, "value": self._provider.issuer},
            "aud": {"essential": True, "value": self._provider.client_id},
        }
        proven = await app.parse_id_token(token, nonce, claims_options=options, leeway=_LEEWAY_SECONDS)
        if proven is None:
            raise NotIdentified("it holds no ID token")
        subject_of(proven)
        if "userinfo_endpoint" not in app.server_metadata:
            return dict(proven)
        more = await app.userinfo(token=token)
        if more.get("sub") != proven["sub"]:  # OpenID Connect Core, section 5.3.2
            raise NotIdentified("the user info is about somebody else")
        return {**more, **proven}

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        try:
            name = _NAME.validate_python(claims.get(self._provider.name_claim))
        except ValidationError:
            raise NotIdentified("it gives no name") from None
        if claims.get("email_verified") is False:
            raise NotIdentified("its mail address is not verified")
        try:
            email = normal(str(claims.get(self._provider.email_claim)))
        except ValueError:
            raise NotIdentified("it gives no mail address") from None
        return Identity(self._provider.issuer, subject_of(claims), name, email, language_of(claims))


def _asymmetric(metadata: Mapping[str, Any]) -> list[str]:
    """Never `none`, nor a shared secret: the client's is known to more than the provider."""
    offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
    return [algorithm for algorithm in _ASYMMETRIC if algorithm in offered] or ["RS256"]
