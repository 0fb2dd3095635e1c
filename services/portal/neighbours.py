"""The services behind the portal: asked side by side, each with a deadline, none trusted to answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any, TypeVar

import httpx
import msgspec

from chassis.health import READY_PATH, Check
from chassis.http_client import neighbour_client
from chassis.telemetry import current_traceparent

DEADLINE_SECONDS = 0.9
"""For one answer to whether it is ready. That check may take one second in all."""
PART_SECONDS = 2.0
"""For a part of a page: the rest is not held back longer by it."""
CHANGE_SECONDS = 5.0
"""For what a page is about, and what changes something: worth waiting for."""
PASSING_SECONDS = 90.0
"""For files that somebody sends, and what is made of them."""


T = TypeVar("T")

_NOT_THERE = {401, 403, 404, 410, 422}
"""Whoever asks is not to see it, or it is no name of anything."""


class State(StrEnum):
    ready = "ready"
    not_ready = "not ready"
    silent = "silent"


@dataclass(frozen=True)
class Report:
    """What one service said when it was asked whether it is ready."""

    service: str
    state: State
    waits_for: tuple[str, ...]
    milliseconds: int


@dataclass(frozen=True)
class Answer:
    """What a service said: a refusal, too, is an answer."""

    status: int
    body: Mapping[str, Any]
    etag: str = ""
    """What a change of it must match; empty where it has none."""


class Neighbours:
    """Speaks HTTP with the services, over connections that are kept."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.names = tuple(addresses)
        self._addresses = {name: address.rstrip("/") for name, address in addresses.items()}
        self._client = neighbour_client(timeout=CHANGE_SECONDS, event_hooks={"request": [_continue_trace]})

    async def close(self) -> None:
        await self._client.aclose()

    async def get(
        self, service: str, path: str, token: str | None = None, **query: str | int | None
    ) -> dict[str, Any]:
        """The JSON object there, for the person of `token` or for anybody; a query of None is left out.

        Raises NotThere where the service says so, and Unanswered where there is none in time.
        """
        given = {name: value for name, value in query.items() if value is not None}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with asyncio.timeout(CHANGE_SECONDS):
                answer = await self._client.get(
                    self._addresses[service] + path, params=given, headers=headers, timeout=CHANGE_SECONDS
                )
            answer.raise_for_status()
            body = answer.json()
        except httpx.HTTPStatusError as error:
            is_gone = error.response.status_code in _NOT_THERE
            raise (NotThere if is_gone else Unanswered)(f"{service}: {error}") from error
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise Unanswered(f"{service}: {type(error).__name__}") from error
        if not isinstance(body, dict):
            raise Unanswered(f"{service}: no JSON object")
        return body

    async def read(
        self, service: str, path: str, shape: type[T], token: str | None = None, **query: str | int | None
    ) -> T:
        """The same as `shape`, a msgspec.Struct of what the page shows: more than that is passed over."""
        body = await self.get(service, path, token, **query)
        try:
            return msgspec.convert(body, shape)
        except msgspec.ValidationError as error:
            raise Unanswered(f"{service}: {error}") from error

    async def post(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any],
        *,
        token: str | None = None,
        network: str = "",
        device: str = "",
    ) -> Answer:
        """What it says to that, for the person of `token`, who asks from `network` with `device`.

        Raises Unanswered where it says nothing in time, or that it cannot answer.
        """
        return await self.send("POST", service, path, body, token=token, network=network, device=device)

    async def send(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        network: str = "",
        device: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The same by any method; without a body where there is none."""
        headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        if network:
            headers["X-Forwarded-For"] = network
        if device:
            headers["User-Agent"] = device
        try:
            async with asyncio.timeout(CHANGE_SECONDS):
                answer = await self._client.request(
                    method,
                    self._addresses[service] + path,
                    json=None if body is None else dict(body),
                    headers=headers,
                    timeout=CHANGE_SECONDS,
                )
            told = answer.json() if answer.content else {}
            told = {"items": told} if isinstance(told, list) else told  # a short list has no pages
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise Unanswered(f"{service}: {type(error).__name__}") from error
        if answer.is_server_error or not isinstance(told, dict):
            raise Unanswered(f"{service}: HTTP {answer.status_code}")
        return Answer(answer.status_code, told, answer.headers.get("ETag", ""))

    async def pass_on(
        self,
        service: str,
        path: str,
        content: AsyncIterator[bytes] | bytes,
        headers: Mapping[str, str],
        token: str,
        *,
        method: str = "POST",
    ) -> Answer:
        """A body as it comes, unread: what it says is the service's to check. Raises Unanswered."""
        try:
            answer = await self._client.request(
                method,
                self._addresses[service] + path,
                content=content,
                headers={**headers, "Authorization": f"Bearer {token}"},
                timeout=PASSING_SECONDS,
            )
            told = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise Unanswered(f"{service}: {type(error).__name__}") from error
        if answer.is_server_error or not isinstance(told, dict):
            raise Unanswered(f"{service}: HTTP {answer.status_code}")
        return Answer(answer.status_code, told)

    async def paper(
        self, service: str, path: str, token: str, seconds: float = CHANGE_SECONDS
    ) -> bytes | None:
        """A document to print; None where there is none for the person of `token`. Raises Unanswered."""
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = await self._client.get(self._addresses[service] + path, headers=headers, timeout=seconds)
        except httpx.HTTPError as error:
            raise Unanswered(f"{service}: {type(error).__name__}") from error
        if answer.is_server_error:
            raise Unanswered(f"{service}: HTTP {answer.status_code}")
        return answer.content if answer.is_success else None

    async def stream(self, service: str, path: str, token: str, last_event: str = "") -> AsyncIterator[bytes]:
        """Events as they come, after that one. Raises Unanswered where there are none, or no more."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        if last_event:
            headers["Last-Event-ID"] = last_event
        timeout = httpx.Timeout(DEADLINE_SECONDS, read=None)
        try:
            async with self._client.stream(
                "GET", self._addresses[service] + path, headers=headers, timeout=timeout
            ) as answer:
                answer.raise_for_status()
                async for chunk in answer.aiter_raw():
                    yield chunk
        except httpx.HTTPError as error:
            raise Unanswered(f"{service}: {type(error).__name__}") from error

    async def ask(self, service: str) -> Report:
        """Whether it is ready, and what it waits for otherwise."""
        started = perf_counter()
        state, waits_for = State.silent, tuple[str, ...]()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                answer = await self._client.get(self._addresses[service] + READY_PATH)
            state = State.ready if answer.status_code == httpx.codes.OK else State.not_ready
            waits_for = () if state is State.ready else _waits_for(answer)
        except (httpx.HTTPError, TimeoutError):
            pass
        return Report(service, state, waits_for, round((perf_counter() - started) * 1000))

    async def ask_all(self) -> list[Report]:
        """All of them at the same time: as slow as the slowest, and never slower than the deadline."""
        return list(await asyncio.gather(*map(self.ask, self.names)))

    def checks(self) -> list[Check]:
        """The portal is ready when everything behind it is."""
        return [self._check(name) for name in self.names]

    def _check(self, service: str) -> Check:
        async def check() -> str | None:
            report = await self.ask(service)
            match report.state:
                case State.ready:
                    return None
                case State.silent:
                    return "does not answer"
                case State.not_ready:
                    return ", ".join(report.waits_for) or "not ready"

        check.__name__ = service
        return check


class Unanswered(Exception):
    """A service did not answer in time, or not as expected."""


class NotThere(Unanswered):
    """The service knows that there is nothing, or nothing for whoever asks."""


async def part(reading: Awaitable[T]) -> T | None:
    """What is read for a part of a page; None where nobody tells in `PART_SECONDS`: the rest stands.

    Parts are read side by side: `reviews, hours = await asyncio.gather(part(…), part(…))`.
    """
    try:
        async with asyncio.timeout(PART_SECONDS):
            return await reading
    except (Unanswered, TimeoutError):
        return None


async def _continue_trace(request: httpx.Request) -> None:
    traceparent = current_traceparent()
    if traceparent:
        request.headers["traceparent"] = traceparent


def _waits_for(answer: httpx.Response) -> tuple[str, ...]:
    try:
        missing = answer.json()["not_ready"]
        return tuple(str(part) for part in missing)
    except (ValueError, KeyError, TypeError):
        return (f"HTTP {answer.status_code}",)
