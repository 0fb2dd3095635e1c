"""Web servers of a test's own, on loopback: sites and interfaces of others, and a canary nobody may reach."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis.fetching import Outside
from chassis.public_addresses import Address, is_public

DECOY = "127.0.0.2"
"""Where these sites are. For the fetcher of a test, this one address is public, and no other of loopback."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A site that answers as its handler says; `asked` is what it was asked for, in order."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.asked: list[web.Request] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{DECOY}:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        await request.read()
        return await self.handler(request)


@asynccontextmanager
async def site(handler: Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """A site on a free port."""
    running = Site(handler)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", running.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    listener = web.TCPSite(runner, DECOY, 0, ssl_context=tls)
    await listener.start()
    running.port = runner.addresses[0][1]
    try:
        yield running
    finally:
        await runner.cleanup()


class Canary:
    """Listens on loopback, in both families, and counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0

    async def meet(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def canary() -> AsyncIterator[Canary]:
    """On the same free port of 127.0.0.1 and ::1."""
    bird = Canary()
    four = await asyncio.start_server(bird.meet, "127.0.0.1", 0)
    bird.port = four.sockets[0].getsockname()[1]
    six = await asyncio.start_server(bird.meet, "::1", bird.port)
    async with four, six:
        yield bird


def judge(address: Address) -> bool:
    """As in production, but for the sites of tests."""
    return address == ip_address(DECOY) or is_public(address)


async def resolve(name: str, port: int) -> Sequence[Address]:
    """Every name is that of a test's site: none of this is asked of a real resolver."""
    return [ip_address(DECOY)]


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    """A fetcher that reaches the sites of tests."""
    fetcher = Outside("CoCoCity tests", judge=judge, ports=None, resolve=resolve)
    try:
        yield fetcher
    finally:
        await fetcher.close()


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server that is called `name`, and for clients that trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(name), x509.IPAddress(ip_address("192.0.2.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    trusted = ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
    return serving, trusted
