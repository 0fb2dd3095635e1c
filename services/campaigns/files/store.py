"""Where files are kept: a folder of this machine, or a bucket that speaks S3.

obstore keeps both apart from the rest of the service. Nothing here knows what a file is of: keys are made of
ids, never of what people typed.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from services.campaigns.files.settings import FileSettings

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Config, S3Store

TIMEOUT = "10s"


class Files:
    """Opened when the first file is written or read: a process that has none needs no place for them."""

    def __init__(self, settings: FileSettings) -> None:
        self._settings = settings

    async def put(self, key: str, content: bytes) -> None:
        """Write the file whole, or not at all; over one that is there by this key."""
        await self._store.put_async(key, content)

    async def get(self, key: str) -> bytes:
        """Its content. Raises FileNotFoundError."""
        return bytes(await (await self._store.get_async(key)).bytes_async())

    async def delete(self, *keys: str) -> None:
        """Delete those that are there."""
        for key in keys:
            try:
                await self._store.delete_async(key)
            except FileNotFoundError:
                continue

    async def keys(self) -> list[str]:
        """Of all files, for whoever looks after them."""
        found: list[str] = []
        async for some in self._store.list():
            found += [each["path"] for each in some]
        return sorted(found)

    @cached_property
    def _store(self) -> LocalStore | S3Store:
        from obstore.store import LocalStore, S3Store  # 15 MB

        settings = self._settings
        if not settings.files.startswith("s3://"):
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
