"""The patient client: what it asks again, with which key, and when it gives up."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from demo.gateway import Gateway, NoAnswer, Refused, accepted

Answer = httpx.Response | httpx.TransportError


def _talking_to(answer: Callable[[httpx.Request], Answer]) -> Gateway:
    def handle(request: httpx.Request) -> httpx.Response:
        given = answer(request)
        if isinstance(given, httpx.TransportError):
            raise given
        return given

    gateway = Gateway("http://gateway")
    gateway.client = httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://gateway")
    return gateway


def _token(minutes: float = 15, number: int = 1) -> httpx.Response:
    grants = [{"role": "merchant", "city": "c", "merchant": "shop"}, {"role": "ambassador"}]
    payload = base64.urlsafe_b64encode(json.dumps({"grants": grants}).encode()).decode().rstrip("=")
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    body = {"token": f"h.{payload}.{number}", "expires_at": ends.isoformat(), "person_id": "p"}
    return httpx.Response(200, json=body)


async def test_what_decides_nothing_is_asked_again_with_the_same_key() -> None:
    seen: list[str] = []
    disturbances: list[Answer] = [
        httpx.ConnectError("refused"),
        httpx.Response(502),
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(409, json={"type": "urn:cococity:problem:try-again"}),
        httpx.ReadError("cut"),
    ]

    def answer(request: httpx.Request) -> Answer:
        seen.append(request.headers["Idempotency-Key"])
        return disturbances.pop(0) if disturbances else httpx.Response(201, json={"id": "1"})

    async with _talking_to(answer) as gateway:
        assert accepted(await gateway.ask("POST", "/reviews", key="k", patience=20)) == {"id": "1"}

    assert seen == ["k"] * 6
    assert gateway.disturbances == {"ConnectError": 1, "502": 1, "503": 1, "409": 1, "ReadError": 1}


async def test_a_refusal_is_an_answer() -> None:
    problem = {"type": "urn:cococity:problem:already-reviewed", "detail": "Once only."}
    async with _talking_to(lambda _: httpx.Response(409, json=problem)) as gateway:
        with pytest.raises(Refused) as refused:
            accepted(await gateway.ask("POST", "/reviews", key="k"))

    assert (refused.value.status, refused.value.slug) == (409, "already-reviewed")
    assert not gateway.disturbances


async def test_silence_ends_with_the_patience() -> None:
    async with _talking_to(lambda _: httpx.ConnectError("refused")) as gateway:
        with pytest.raises(NoAnswer, match="ConnectError"):
            await gateway.ask("GET", "/", patience=0.5)


async def test_a_token_is_asked_for_once_and_again_before_it_ends() -> None:
    asked: list[float] = []
    lifetimes = [1.0, 15.0]  # the first ends too soon to be used for long

    def answer(request: httpx.Request) -> Answer:
        if request.url.path == "/api/v1/tokens/demo":
            asked.append(lifetimes[len(asked)])
            return _token(asked[-1])
        return httpx.Response(200, json={})

    async with _talking_to(answer) as gateway:
        for _ in range(4):
            await gateway.read("/things", person="marc")
        assert (await gateway.token_of("marc")).merchants == ["shop"]

    assert asked == lifetimes


async def test_a_token_the_services_refuse_is_replaced_once() -> None:
    issued: list[str] = []

    def answer(request: httpx.Request) -> Answer:
        if request.url.path == "/api/v1/tokens/demo":
            issued.append("token")
            return _token(number=len(issued))
        return httpx.Response(200 if request.headers["Authorization"].endswith(".2") else 401, json={})

    async with _talking_to(answer) as gateway:
        await gateway.read("/things", person="marc")

    assert len(issued) == 2


async def test_a_list_is_read_to_its_last_page() -> None:
    pages = {None: (["a", "b"], "2"), "2": (["c"], None)}

    def answer(request: httpx.Request) -> Answer:
        items, following = pages[request.url.params.get("cursor")]
        return httpx.Response(200, json={"items": items, "next": following})

    async with _talking_to(answer) as gateway:
        assert [item async for item in gateway.read_all("/things")] == ["a", "b", "c"]
