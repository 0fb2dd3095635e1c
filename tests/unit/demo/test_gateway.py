"""The patient client: what it asks again, with which key, and when it gives up."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from demo.gateway import Gateway, NoAnswer, Refused, accepted


@dataclass(frozen=True)
class Said:
    """An answer of the server under the client; status 0 cuts the connection instead."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def _talking_to(answer: Callable[[web.Request], Said]) -> AsyncIterator[Gateway]:
    """A client of a real server that answers so."""

    async def handle(request: web.Request) -> web.Response:
        said = answer(request)
        if said.status == 0:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(said.body, status=said.status or 200, headers=said.headers)

    async def served(request: web.BaseRequest) -> web.StreamResponse:
        return await handle(request)  # type: ignore[arg-type]

    runner = web.ServerRunner(web.Server(served))
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await web.SockSite(runner, listener).start()
        try:
            async with Gateway(f"http://127.0.0.1:{listener.getsockname()[1]}") as gateway:
                yield gateway
        finally:
            await runner.cleanup()


def _token(minutes: float = 15, number: int = 1) -> Said:
    grants = [{"role": "merchant", "city": "c", "merchant": "shop"}, {"role": "ambassador"}]
    payload = base64.urlsafe_b64encode(json.dumps({"grants": grants}).encode()).decode().rstrip("=")
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    body = {"token": f"h.{payload}.{number}", "expires_at": ends.isoformat(), "person_id": "p"}
    return Said(200, body)


async def test_what_decides_nothing_is_asked_again_with_the_same_key() -> None:
    seen: list[str] = []
    disturbances = [
        Said(502),
        Said(503, headers={"Retry-After": "0"}),
        Said(409, {"type": "urn:cococity:problem:try-again"}),
        Said(0),
    ]

    def answer(request: web.Request) -> Said:
        seen.append(request.headers["Idempotency-Key"])
        return disturbances.pop(0) if disturbances else Said(201, {"id": "1"})

    async with _talking_to(answer) as gateway:
        assert accepted(await gateway.ask("POST", "/reviews", key="k", patience=20)) == {"id": "1"}
        assert seen == ["k"] * 5
        assert gateway.disturbances == {"502": 1, "503": 1, "409": 1, "ServerDisconnectedError": 1}


async def test_a_refusal_is_an_answer() -> None:
    problem = {"type": "urn:cococity:problem:already-reviewed", "detail": "Once only."}
    async with _talking_to(lambda _: Said(409, problem)) as gateway:
        with pytest.raises(Refused, match="POST /reviews: 409 Once only") as refused:
            accepted(await gateway.ask("POST", "/reviews", key="k"))
        assert (refused.value.status, refused.value.slug) == (409, "already-reviewed")
        assert not gateway.disturbances


async def test_silence_ends_with_the_patience() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with Gateway(f"http://127.0.0.1:{port}") as gateway:
        with pytest.raises(NoAnswer, match="ClientConnectorError"):
            await gateway.ask("GET", "/", patience=0.5)


async def test_a_token_is_asked_for_once_and_again_before_it_ends() -> None:
    asked: list[float] = []
    lifetimes = [1.0, 15.0]  # the first ends too soon to be used for long

    def answer(request: web.Request) -> Said:
        if request.path == "/api/v1/tokens/demo":
            asked.append(lifetimes[len(asked)])
            return _token(asked[-1])
        return Said(200, {})

    async with _talking_to(answer) as gateway:
        for _ in range(4):
            await gateway.read("/things", person="marc")
        assert (await gateway.token_of("marc")).merchants == ["shop"]

    assert asked == lifetimes


async def test_a_token_the_services_refuse_is_replaced_once() -> None:
    issued: list[str] = []

    def answer(request: web.Request) -> Said:
        if request.path == "/api/v1/tokens/demo":
            issued.append("token")
            return _token(number=len(issued))
        return Said(200 if request.headers["Authorization"].endswith(".2") else 401, {})

    async with _talking_to(answer) as gateway:
        await gateway.read("/things", person="marc")

    assert len(issued) == 2


async def test_a_list_is_read_to_its_last_page() -> None:
    pages = {None: (["a", "b"], "2"), "2": (["c"], None)}

    def answer(request: web.Request) -> Said:
        items, following = pages[request.query.get("cursor")]
        return Said(200, {"items": items, "next": following})

    async with _talking_to(answer) as gateway:
        assert [item async for item in gateway.read_all("/things")] == ["a", "b", "c"]
