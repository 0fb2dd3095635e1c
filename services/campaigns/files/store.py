"""Where files are kept: a folder of this machine, or a bucket that speaks S3.

obstore keeps both apart from the rest of the service. Nothing here knows what a file is of: keys are made of
ids, never of what people typed.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from services.campaigns.files.settings import FileSettings

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Config, S3Store

TIMEOUT = "10s"
CHECK_SECONDS = 5.0

_NOT_FOUND = "404 Not Found"

log = structlog.get_logger(__name__)


class NoSuchStore(RuntimeError):
    """There is no bucket of that name; the message names it as it is configured."""


class Files:
    """Opened by `check`, or else when the first file is written or read."""

    def __init__(self, settings: FileSettings) -> None:
        self._settings = settings

    async def check(self) -> None:
        """Raise NoSuchStore for a bucket that does not exist, OSError for a folder that cannot be made.

        One that is merely away is logged: it may be back before somebody needs it.
        """
        from obstore.exceptions import BaseError

        try:
            async with asyncio.timeout(CHECK_SECONDS):
                async for _ in self._store.list(chunk_size=1):
                    return
        except TimeoutError:
            log.warning("the store of files does not answer", files=self._settings.files)
        except BaseError as error:
            # The library has no error of its own for it where a list is asked for.
            if _NOT_FOUND in str(error):
                raise self._no_such_store() from None
            log.warning("the store of files does not answer", files=self._settings.files)

    async def put(self, key: str, content: bytes) -> None:
        """Write the file whole, or not at all; over one that is there by this key."""
        await self._store.put_async(key, content)

    async def get(self, key: str) -> bytes:
        """Its content. Raises FileNotFoundError."""
        return bytes(await (await self._store.get_async(key)).bytes_async())

    async def delete(self, *keys: str) -> None:
        """Delete those that are there. Raises NoSuchStore.

        A bucket deletes what is not there without a word: what it does not find is itself. Whoever took that
        for a file that is gone already would forget that there is one to be deleted.
        """
        for key in keys:
            try:
                await self._store.delete_async(key)
            except FileNotFoundError:
                if self._is_bucket:
                    raise self._no_such_store() from None

    async def keys(self) -> list[str]:
        """Of all files, for whoever looks after them."""
        found: list[str] = []
        async for some in self._store.list():
            found += [each["path"] for each in some]
        return sorted(found)

    @property
    def _is_bucket(self) -> bool:
        return self._settings.files.startswith("s3://")

    def _no_such_store(self) -> NoSuchStore:
        return NoSuchStore(f"COCOCITY_FILES={self._settings.files}: there is no such bucket")

    @cached_property
    def _store(self) -> LocalStore | S3Store:
        from obstore.store import LocalStore, S3Store  # 15 MB

        settings = self._settings
        if not self._is_bucket:
            folder = Path(settings.files).absolute()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return LocalStore(folder, automatic_cleanup=True)
        config: S3Config = {
            "access_key_id": settings.files_access_key.get_secret_value(),
            "secret_access_key": settings.files_secret_key.get_secret_value(),
            "virtual_hosted_style_request": settings.files_virtual_hosted,
        }
        if settings.files_region:
            config["region"] = settings.files_region
        if settings.files_endpoint:
            config["endpoint"] = settings.files_endpoint
        in_the_clear = settings.files_endpoint.startswith("http://")
        return S3Store.from_url(
            settings.files, config=config, client_options={"timeout": TIMEOUT, "allow_http": in_the_clear}
        )
