"""Fetches from, and posts to, addresses that somebody else chose: safely, or not at all.

The name is resolved once, every address it has is judged, and the connection is made to the very address
that was judged: a name that points elsewhere a moment later (DNS rebinding) changes nothing. Each redirect
is judged anew. No cookies, no credentials, no proxy of the environment; time and size have limits.
Decision 0034.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Self

import httpx

from chassis.public_addresses import Address, Judge, host_address, is_public, public_and
from chassis.settings import ServiceSettings

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Every address of a name. Raises OSError."""
STANDARD_PORTS = frozenset({80, 443})
_DEFAULT_PORT = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FEW_ADDRESSES = 3
"""So many of a name's addresses are tried before it counts as unreachable."""
_INWARD = "it does not lead to the public internet"
_FIT_FOR_ANYBODY = frozenset({"accept", "if-none-match", "if-modified-since"})
"""What of a caller's headers goes along to the host of a redirect."""


class NotFetched(Exception):
    """Nothing that could be used came back; the text says why, and is fit for whoever chose the address."""


class AddressRefused(NotFetched):
    """The address, or where it leads to, is nothing this service speaks to. Another time would not help."""


class AnswerRefused(NotFetched):
    """What came is too large, of another kind than asked for, or no HTTP."""


class Unreachable(NotFetched):
    """Nobody answered in time. Another time may help."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch may take."""

    seconds: float = 10.0
    """For all of it: names, redirects and the body."""
    size: int = 1_000_000
    """Bytes of the body, after decompression."""
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, from where it came in the end. Whoever asks looks at the status."""

    url: str
    status: int
    headers: Mapping[str, str]
    """By names in small letters."""
    media_type: str
    """Without parameters, in small letters; empty where none was said."""
    body: bytes


class Outside:
    """Speaks with the world outside. One for a service; close it when the process ends.

    `judge` says which addresses may be spoken to: `is_public`, or `public_and` with the operator's networks.
    `ports`, `resolve` and `trusted` are for tests, which have servers of their own.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        judge: Judge = is_public,
        ports: Collection[int] | None = STANDARD_PORTS,
        resolve: Resolve | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._judge = judge
        self._ports = ports
        self._resolve = resolve or _resolve
        # No connection is kept: one that proved the name of a host would serve another at the same address.
        unkept = httpx.Limits(max_connections=50, max_keepalive_connections=0)
        self._wire = httpx.AsyncHTTPTransport(verify=trusted or _trusted(), trust_env=False, limits=unkept)

    @classmethod
    def of(cls, settings: ServiceSettings, *, own_networks: bool = True) -> Self:
        """As the service's settings say; without the operator's own networks for what anybody may name."""
        judge = public_and(settings.own_networks()) if own_networks else is_public
        return cls(f"CoCoCity (+{settings.public_url})", judge=judge)

    async def close(self) -> None:
        """Open nothing any more."""
        await self._wire.aclose()

    def check(self, url: str) -> str:
        """The address as it will be asked for, as far as that is known without asking anybody.

        For addresses that somebody enters now and that are fetched later. Raises AddressRefused.
        """
        parsed = _parsed(url)
        literal = self._host(parsed)
        if literal is not None and not self._judge(literal):
            raise AddressRefused(_INWARD)
        return str(parsed)

    async def get(
        self,
        url: str,
        *,
        accept: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        limits: Limits = Limits(),
    ) -> Fetched:
        """What is at `url`. Raises NotFetched.

        `accept`: the media types that a good answer (2xx) may have; none for any. Of `headers`, only what is
        about the answer's form goes along where a redirect leads to another host.
        """
        asked: Mapping[str, str] = {**(headers or {}), **({"Accept": ", ".join(accept)} if accept else {})}
        async with _deadline(limits):
            for _ in range(limits.redirects + 1):
                found = await self._once("GET", url, headers=asked, limits=limits, accept=accept)
                following = found.headers.get("location") if found.status in _REDIRECTS else None
                if following is None:
                    return found
                target = _joined(url, following)
                asked = _fit_for(url, target, asked)
                url = target
        raise AddressRefused("it redirects too often")

    async def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes,
        headers: Mapping[str, str],
        limits: Limits = Limits(),
    ) -> Fetched:
        """Send `content` there; redirects are not followed: what is sent was meant for one receiver.

        Raises NotFetched.
        """
        async with _deadline(limits):
            return await self._once(method, url, headers=headers, content=content, limits=limits)

    async def _once(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        limits: Limits,
        accept: Collection[str] = (),
    ) -> Fetched:
        target = _parsed(url)
        ours = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip, identity", "Connection": "close"}
        request = httpx.Request(method, target, headers={"Accept": "*/*", **headers, **ours}, content=content)
        addresses = await self._admitted(target)
        response = await self._connect(request, addresses[:_FEW_ADDRESSES])
        try:
            media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.is_success and accept and media_type not in accept and response.status_code != 204:
                raise AnswerRefused(f"it is of another kind than expected ({media_type[:60] or 'none said'})")
            body = b"" if response.status_code in _REDIRECTS else await _read(response, limits.size)
        except httpx.TransportError as error:
            raise Unreachable(_reason(error)) from error
        finally:
            await response.aclose()
        names = {name.lower(): value for name, value in response.headers.items()}
        return Fetched(str(target), response.status_code, names, media_type, body)

    async def _admitted(self, url: httpx.URL) -> Sequence[Address]:
        """The addresses of the URL's host, none of which is inward. Raises AddressRefused and Unreachable."""
        literal = self._host(url)
        try:
            found = [literal] if literal else await self._resolve(_host_of(url), _port_of(url))
        except ValueError as error:
            raise AddressRefused("its name is no name of a host") from error
        except OSError as error:
            raise Unreachable("its name is not known") from error
        if not found:
            raise Unreachable("its name is not known")
        # One inward address is enough: a name that has both kinds waits for the other to be chosen.
        if not all(map(self._judge, found)):
            raise AddressRefused(_INWARD)
        return found

    def _host(self, url: httpx.URL) -> Address | None:
        """The address that the host is; None for a name. Raises AddressRefused."""
        if self._ports is not None and _port_of(url) not in self._ports:
            raise AddressRefused("it asks for another port than those of the web")
        try:
            return host_address(_host_of(url))
        except ValueError as error:
            raise AddressRefused(str(error)) from error

    async def _connect(self, request: httpx.Request, addresses: Sequence[Address]) -> httpx.Response:
        """The answer of the first address that has one; TLS proves the name, not the address."""
        last: Exception | None = None
        for address in addresses:
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={"sni_hostname": _host_of(request.url)},
            )
            try:
                return await self._wire.handle_async_request(pinned)
            except httpx.ConnectError as error:
                last = error
            except (httpx.TransportError, httpx.InvalidURL) as error:
                raise Unreachable(_reason(error)) from error
        raise Unreachable("nobody answers there") from last


def _host_of(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _port_of(url: httpx.URL) -> int:
    return url.port or _DEFAULT_PORT[url.scheme]


def _parsed(url: str) -> httpx.URL:
    """Read by the same library that connects: two that disagree are how such checks are passed by."""
    try:
        parsed = httpx.URL(url)
        parsed.host  # noqa: B018  decodes the name; a broken one raises here
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError) as error:
        raise AddressRefused("it is no address of the web") from error
    if parsed.scheme not in _DEFAULT_PORT or not parsed.raw_host:
        raise AddressRefused("it is no address of the web (http or https)")
    if parsed.userinfo:
        raise AddressRefused("it holds a name or a password")
    return parsed.copy_with(fragment=None)


def _joined(url: str, location: str) -> str:
    try:
        target = httpx.URL(url).join(location)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise AddressRefused("it redirects to no address of the web") from error
    if url.startswith("https:") and target.scheme != "https":
        raise AddressRefused("it redirects from https to something else")
    return str(target)


def _fit_for(url: str, target: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """What an API key was given for is its host alone."""
    before, after = httpx.URL(url), httpx.URL(target)
    if (before.scheme, before.raw_host, before.port) == (after.scheme, after.raw_host, after.port):
        return headers
    return {name: value for name, value in headers.items() if name.lower() in _FIT_FOR_ANYBODY}


async def _read(response: httpx.Response, size: int) -> bytes:
    """The body, decompressed no further than `size`: a bomb of kilobytes would be gigabytes."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise AnswerRefused("it is compressed in a way that was not asked for")
    unpacked = zlib.decompressobj(wbits=31) if encoding.endswith("gzip") else None
    body = bytearray()
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for chunk in response.stream:
        try:
            body += unpacked.decompress(chunk, size + 1 - len(body)) if unpacked else chunk
        except zlib.error as error:
            raise AnswerRefused("it is not compressed as it says") from error
        if len(body) > size:
            raise AnswerRefused(f"it is larger than {size:,} bytes")
    return bytes(body)


@asynccontextmanager
async def _deadline(limits: Limits) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(limits.seconds):
            yield
    except TimeoutError as error:
        raise Unreachable(f"it takes longer than {limits.seconds:g} seconds") from error


async def _resolve(host: str, port: int) -> Sequence[Address]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(address[0]) for *_, address in found]


def _reason(error: Exception) -> str:
    """By kind: texts of libraries name addresses of ours."""
    return f"it does not answer as the web does ({type(error).__name__})"


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
