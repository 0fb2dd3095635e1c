"""What this service signs and verifies tokens with, read from files when the service starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from chassis.signing_keys import LocalKeys
from services.directory.people.tokens import ServiceSecrets, TokenIssuer
from services.directory.settings import DirectorySettings


class TokenOffice:
    """The issuer and the services' secrets; also the directory's own source of keys to verify by.

    Usable while `opened` is entered. A directory without its key does not start: nobody could sign in.
    """

    generation = 0

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings
        self._issuer: TokenIssuer | None = None
        self._keys = LocalKeys({"keys": []})
        self.secrets = ServiceSecrets({})

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Read the files. Raises NoSigningKey, or ValueError and OSError for the secrets."""
        settings = self._settings
        self._issuer = TokenIssuer.from_file(settings.signing_key_file, may_create=not settings.is_production)
        self._keys = LocalKeys(self._issuer.key_set)
        self.secrets = ServiceSecrets.from_file(settings.service_secrets_file)
        yield

    @property
    def issuer(self) -> TokenIssuer:
        """Raises RuntimeError before the office is open."""
        if self._issuer is None:
            raise RuntimeError("the signing key has not been read yet")
        return self._issuer

    async def key(self, kid: str) -> EllipticCurvePublicKey | None:
        """The public key of that id, or None."""
        return await self._keys.key(kid)

    def available(self) -> bool:
        """Whether there is a key."""
        return self._keys.available()

    async def refresh(self) -> None:
        """There is nothing to fetch: this is where keys come from."""

    async def close(self) -> None:
        """Nothing is under way."""
