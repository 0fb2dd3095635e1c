"""A load client that costs little, over a few connections: as fast as it is answered, or at a steady rate."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass
class Answers:
    """What came back: how often each status, and how long it all took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0


async def post_all(port: int, requests: Iterable[bytes], connections: int) -> Answers:
    """Send every request, `connections` at a time; raises ConnectionError where the server hangs up."""
    line = _Line(deque(requests), ended=True)
    clients = await _connected(port, line, connections)
    began = time.perf_counter()
    for client in clients:
        client.send_next()
    return await _answered(line, clients, began)


async def post_steadily(
    port: int, requests: Iterable[bytes], rate: float, connections: int, due: Callable[[int, float], None]
) -> Answers:
    """Send `rate` requests a second, whatever becomes of those before. `due(number, when)` is told of each.

    A request that finds no connection free waits, and its time runs. Raises ConnectionError as above.
    """
    line = _Line(deque())
    clients = await _connected(port, line, connections)
    line.idle += clients
    began = time.perf_counter()
    for number, request in enumerate(requests):
        when = began + number / rate
        await asyncio.sleep(max(0.0, when - time.perf_counter()))
        due(number, when)
        line.waiting.append(request)
        if line.idle:
            line.idle.pop().send_next()
    line.ended = True
    for client in line.idle:
        client.send_next()
    return await _answered(line, clients, began)


@dataclass
class _Line:
    """Requests that wait for a connection, or connections that wait for a request."""

    waiting: deque[bytes]
    ended: bool = False
    idle: list[_Client] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)


async def _connected(port: int, line: _Line, connections: int) -> list[_Client]:
    loop = asyncio.get_running_loop()
    clients = [_Client(line, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    return clients


async def _answered(line: _Line, clients: list[_Client], began: float) -> Answers:
    await asyncio.gather(*(client.done for client in clients))
    line.answers.seconds = time.perf_counter() - began
    return line.answers


class _Client(asyncio.Protocol):
    """One connection. It reads no more of an answer than its status and its length."""

    def __init__(self, line: _Line, done: asyncio.Future[None]) -> None:
        self.done = done
        self._line = line
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send_next(self) -> None:
        """The next request, or the end, or a place among the idle."""
        if self._line.waiting:
            self._transport.write(self._line.waiting.popleft())
        elif not self._line.ended:
            self._line.idle.append(self)
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
            self._line.answers.statuses[int(head[9:12])] += 1
            self._received = b""
            self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))
