"""The providers of this installation, read from their file when the service starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from services.directory.identity_providers.client import ProviderClient
from services.directory.identity_providers.configured import IdentityProvider, read_providers
from services.directory.settings import DirectorySettings


class ProviderOffice:
    """Usable while `opened` is entered. A file that is not usable keeps the directory from starting."""

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings
        self._known: dict[str, tuple[IdentityProvider, ProviderClient]] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Read the file. Raises ValueError and OSError."""
        for name, provider in read_providers(self._settings.identity_providers_file).items():
            address = f"{self._settings.public_url}/sign-in/at/{name}"
            self._known[name] = (provider, ProviderClient(provider, address))
        yield

    def find(self, name: str) -> tuple[IdentityProvider, ProviderClient] | None:
        """The provider of that name."""
        return self._known.get(name)

    def all(self) -> list[IdentityProvider]:
        """All of this installation, in the order of what people read."""
        return sorted((provider for provider, _ in self._known.values()), key=lambda each: each.label)

    def of_city(self, city_id: UUID) -> list[IdentityProvider]:
        """Where the staff of that city may sign in."""
        return [provider for provider, _ in self._known.values() if provider.city_id == city_id]
