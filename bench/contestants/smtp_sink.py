"""A mail server that takes everything and keeps nothing, with as little work as the protocol allows.

`smtp_sink <port>`; it never ends by itself.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

from bench.contestants.signals import ready

_END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection (RFC 5321, what of it a client needs)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._waiting = b""
        self._in_data = False
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while True:
            end = _END if self._in_data else b"\r\n"
            line, found, rest = self._waiting.partition(end)
            if not found:
                return
            self._waiting = rest
            self._transport.write(self._answer(line))

    def _answer(self, line: bytes) -> bytes:
        if self._in_data:
            self._in_data = False
            return b"250 OK\r\n"
        verb = line[:4].upper()
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n"


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await ready()
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
