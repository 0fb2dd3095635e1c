"""The keys that factors' secrets are sealed with, read from their file when the service starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.sealing import Seal
from services.directory.factors.sealing import seal_from_file
from services.directory.settings import DirectorySettings


class FactorOffice:
    """Usable while `opened` is entered. Without its keys a directory does not start: no staff gets in."""

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings
        self._seal: Seal | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Read the file. Raises NoFactorKeys."""
        settings = self._settings
        self._seal = seal_from_file(settings.factor_keys, may_create=not settings.is_production)
        yield

    @property
    def seal(self) -> Seal:
        """Raises RuntimeError before the office is open."""
        if self._seal is None:
            raise RuntimeError("the keys of factors have not been read yet")
        return self._seal
