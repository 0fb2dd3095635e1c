"""A load client that costs little: a few connections, each sending its next request once it is answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Answers:
    """What came back: how often each status, and how long it all took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0


async def post_all(port: int, requests: Iterable[bytes], connections: int) -> Answers:
    """Send every request, `connections` at a time; raises ConnectionError where the server hangs up."""
    waiting = deque(requests)
    answers = Answers()
    loop = asyncio.get_running_loop()
    clients = [_Client(waiting, answers.statuses, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    began = time.perf_counter()
    for client in clients:
        client.send_next()
    await asyncio.gather(*(client.done for client in clients))
    answers.seconds = time.perf_counter() - began
    return answers


class _Client(asyncio.Protocol):
    """One connection. It reads no more of an answer than its status and its length."""

    def __init__(self, waiting: deque[bytes], statuses: Counter[int], done: asyncio.Future[None]) -> None:
        self.done = done
        self._waiting = waiting
        self._statuses = statuses
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send_next(self) -> None:
        """The next request, or the end."""
        if self._waiting:
            self._transport.write(self._waiting.popleft())
        else:
            self._transport.close()
            if not self.done.done():
                self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._received[:end].lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._received) >= end + 4 + length:
            self._statuses[int(head[9:12])] += 1
            self._received = b""
            self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))
