"""A receiver of webhooks on loopback, and what sends to it as the service does, but for the address rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from chassis.clock import Clock
from chassis.database import Database
from chassis.fetching import Outside
from chassis.sealing import Seal
from services.campaigns.webhooks.sending import Sending


@dataclass(frozen=True)
class Got:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Reply:
    status: int = 204
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


Replies: TypeAlias = Callable[[Got], Awaitable[Reply]]


async def _content(_: Got) -> Reply:
    return Reply()


@dataclass
class Receiver:
    """Keeps what comes, and answers as it is told to."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    reply: Replies = _content

    def always(self, *replies: Reply) -> None:
        """One reply after the other, and the last one from then on."""
        left = list(replies)

        async def next_one(_: Got) -> Reply:
            return left.pop(0) if len(left) > 1 else left[0]

        self.reply = next_one

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
        got = Got(headers, await reader.readexactly(int(headers.get("content-length", "0"))))
        self.got.append(got)
        reply = await self.reply(got)
        lines = [f"HTTP/1.1 {reply.status} -", f"content-length: {len(reply.body)}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in reply.headers]
        writer.write("\r\n".join([*lines, "", ""]).encode() + reply.body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()


@asynccontextmanager
async def sending(database: Database, seal: Seal, clock: Clock) -> AsyncIterator[Sending]:
    """What the worker runs, let out to this machine."""
    outside = Outside("CoCoCity", judge=lambda _: True, ports=None)
    try:
        yield Sending(database, outside, seal, clock)
    finally:
        await outside.close()
