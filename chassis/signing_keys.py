"""The directory's public keys (JWKS, RFC 7517), as every other service has them.

Kept in memory and on disk, so that a service that starts while the directory is down still authorises.
Keys are used for at most `jwks_max_age_seconds` after they were last fetched: a key that was withdrawn
because it leaked cannot live longer than that, whatever happens to the network.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from jwt import PyJWK, PyJWTError

from chassis.http_client import neighbour_client
from chassis.settings import ServiceSettings

REFRESH_SECONDS = 600.0
"""Keys older than this are fetched again in the background."""
RETRY_SECONDS = 5.0
"""At most one request to the directory in this time, however many tokens name keys that do not exist."""
IMPATIENT_RETRY_SECONDS = 0.5
"""The same while there are no keys at all, because nobody can sign in until there are."""
_FETCH_SECONDS = 2.0
_LARGEST_DOCUMENT = 100_000
# What reading a document that is no key document can raise.
_UNUSABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, PyJWTError)

log = structlog.get_logger(__name__)

Keys = Mapping[str, EllipticCurvePublicKey]


class KeysUnavailable(Exception):
    """No usable keys: never fetched, or fetched too long ago, and the directory does not answer."""


class KeySource(Protocol):
    """Where the verifier gets keys from. The directory has its own at hand and fetches nothing."""

    async def key(self, kid: str) -> EllipticCurvePublicKey | None:
        """The key of that id, or None. Raises KeysUnavailable where nothing can be said."""
        ...

    @property
    def generation(self) -> int:
        """Changes whenever the set of keys does."""
        ...

    def available(self) -> bool:
        """Whether tokens can be verified right now."""
        ...

    async def refresh(self) -> None:
        """Look for keys where there are none; failure is no error."""
        ...

    async def close(self) -> None:
        """Drop what is under way."""
        ...


class LocalKeys:
    """Keys that are there from the start."""

    generation = 0

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._keys = keys_of(document)

    async def key(self, kid: str) -> EllipticCurvePublicKey | None:
        return self._keys.get(kid)

    def available(self) -> bool:
        return bool(self._keys)

    async def refresh(self) -> None:
        """They are all there ever will be."""

    async def close(self) -> None:
        """Nothing is under way."""


class FetchedKeys:
    """Keys fetched from the directory, cached in memory and on disk."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        seconds: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = settings.jwks_url
        self._cache = settings.jwks_cache
        self._max_age = settings.jwks_max_age_seconds
        self._seconds = seconds
        self._transport = transport
        self._keys: Keys = {}
        self._fetched_at = 0.0
        self._tried_at = 0.0
        self._fetching: asyncio.Task[None] | None = None
        self.generation = 0
        self._read_cache()

    def available(self) -> bool:
        """Whether there are keys that are young enough."""
        return bool(self._keys) and self._age() <= self._max_age

    async def key(self, kid: str) -> EllipticCurvePublicKey | None:
        """The key of that id; an unknown id is looked for once at the directory.

        Raises KeysUnavailable.
        """
        found = self._keys.get(kid) if self.available() else None
        if found is None:
            await self._fetch_once()
            if not self.available():
                raise KeysUnavailable
            return self._keys.get(kid)
        if self._age() > REFRESH_SECONDS:
            self._begin_fetch()
        return found

    async def refresh(self) -> None:
        """Fetch where there are no usable keys, so that the first request need not."""
        if not self.available():
            await self._fetch_once()

    async def close(self) -> None:
        """Drop a request that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _age(self) -> float:
        return self._seconds() - self._fetched_at

    async def _fetch_once(self) -> None:
        self._begin_fetch()
        if self._fetching is not None:
            await asyncio.shield(self._fetching)

    def _begin_fetch(self) -> None:
        """One request at a time, and not too soon after the last."""
        under_way = self._fetching is not None and not self._fetching.done()
        pause = RETRY_SECONDS if self.available() else IMPATIENT_RETRY_SECONDS
        if self._url and not under_way and abs(self._seconds() - self._tried_at) >= pause:
            self._tried_at = self._seconds()
            self._fetching = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        try:
            async with neighbour_client(timeout=_FETCH_SECONDS, transport=self._transport) as client:
                response = await client.get(self._url)
                response.raise_for_status()
            if len(response.content) > _LARGEST_DOCUMENT:
                raise ValueError("the key document is too large")
            document = response.json()
            self._accept(document, self._seconds())
        except (httpx.HTTPError, *_UNUSABLE) as error:
            log.warning(
                "signing keys not fetched", error=type(error).__name__, age_seconds=round(self._age())
            )
            return
        self._write_cache(document)

    def _accept(self, document: Mapping[str, Any], fetched_at: float) -> None:
        keys = keys_of(document)
        if not keys:
            raise ValueError("no ES256 key in the document")
        if keys.keys() != self._keys.keys():
            self.generation += 1
        self._keys, self._fetched_at = keys, fetched_at

    def _read_cache(self) -> None:
        if self._cache is None:
            return
        try:
            cached = json.loads(self._cache.read_bytes())
            # A clock that was set back must not make keys live longer.
            self._accept(cached, min(float(cached["fetched_at"]), self._seconds()))
        except FileNotFoundError:
            return
        except (OSError, *_UNUSABLE) as error:
            log.warning("cached signing keys not usable", error=type(error).__name__)

    def _write_cache(self, document: Mapping[str, Any]) -> None:
        if self._cache is None:
            return
        try:
            write_cache(self._cache, document, self._fetched_at)
        except OSError as error:
            log.warning("signing keys not cached", error=type(error).__name__)


def keys_of(document: Mapping[str, Any]) -> Keys:
    """The ES256 keys of a JWKS document by their id; other kinds are left out."""
    found: dict[str, EllipticCurvePublicKey] = {}
    for entry in document["keys"]:
        if entry.get("kty") == "EC" and entry.get("crv") == "P-256" and isinstance(entry.get("kid"), str):
            public = {name: entry[name] for name in ("kty", "crv", "x", "y")}
            key = PyJWK(public, algorithm="ES256").key
            assert isinstance(key, EllipticCurvePublicKey)
            found[entry["kid"]] = key
    return found


def write_cache(path: Path, document: Mapping[str, Any], fetched_at: float) -> None:
    """Replace the cache file at once: a process that is killed here leaves the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"fetched_at": fetched_at, "keys": document["keys"]})
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
