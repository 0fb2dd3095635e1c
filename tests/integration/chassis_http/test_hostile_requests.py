"""Whatever a client sends over a socket: never a 5xx, and every refusal a problem document."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn

from chassis.identity import Grant, Role
from chassis.ids import new_id
from chassis.service import Service, create_app
from tests.integration.chassis_http.sample_service import routes
from tests.support.one_service import chassis_database, until
from tests.support.servers import Postgres, free_port
from tests.support.tokens import TestIssuer

LONG = b"a" * 5_000


@dataclass
class Raw:
    """Sends bytes as they are: a client library would correct them."""

    port: int
    token: bytes

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer. `TOKEN` in the request is replaced by a good one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request.replace(b"TOKEN", self.token))
        await writer.drain()
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.read(65_536) if b"content-length: 0" not in head.lower() else b""
        writer.close()
        return int(head.split(b" ", 2)[1]), head.lower(), body


@pytest.fixture
async def raw(postgres: Postgres) -> AsyncIterator[Raw]:
    issuer = TestIssuer()
    async with chassis_database(postgres) as (database, settings):
        service = Service("campaigns", settings, database, routers=[routes], keys=issuer.keys())
        port = free_port()
        config = uvicorn.Config(
            create_app(service), port=port, http="httptools", log_config=None, lifespan="off"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())

        async def started() -> bool:
            return server.started

        await until(started)
        yield Raw(port, issuer.token(new_id(), Grant(Role.operator)).encode())
        server.should_exit = True
        await serving


def _post(body: bytes, *headers: bytes, path: bytes = b"/api/v1/reviews") -> bytes:
    lines = (b"POST " + path + b" HTTP/1.1", b"Host: a", b"Authorization: Bearer TOKEN", b"Connection: close",
             b"Content-Length: %d" % len(body), *headers)  # fmt: skip
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _get(path: bytes, *headers: bytes) -> bytes:
    lines = (b"GET " + path + b" HTTP/1.1", b"Host: a", b"Authorization: Bearer TOKEN", b"Connection: close")
    return b"\r\n".join((*lines, *headers)) + b"\r\n\r\n"


JSON, KEY = b"Content-Type: application/json", b"Idempotency-Key: k"
OPERATIONS = b"/api/v1/operations/campaigns"
HOSTILE = [
    _post(b'{"rating": 5}', KEY),
    _post(b'{"rating": 5}', JSON),
    _post(b'{"rating": 5}', JSON, b"Idempotency-Key: \x01"),
    _post(b'{"rating": 5}', JSON, b"Idempotency-Key: \xff\xfe"),
    _post(b'{"rating": 5}', JSON, b"Idempotency-Key: " + LONG),
    _post(b'{"rating": NaN}', JSON, KEY),
    _post(b'{"rating": 5, "wait": Infinity}', JSON, KEY),
    _post(b"[" * 50_000, JSON, KEY),
    _post(b"\x00", JSON, KEY),
    _post(b'{"rating": 5}', b"Content-Type: application/json; charset=\xff", KEY, b"Content-Encoding: gzip"),
    _post(b'{"rating": 5}', b"Content-Type: multipart/form-data; boundary=x", KEY),
    _post(b"x" * (2 << 20), JSON, KEY),
    _post(b"", JSON, KEY, path=OPERATIONS + b"/dead-letters/%00/redrive"),
    _post(b"", KEY, path=OPERATIONS + b"/consumers/%ff%00/resume"),
    _post(b"", KEY, path=OPERATIONS + b"/replay?since=0001-01-01T00:00:00Z"),
    _post(b"", KEY, path=OPERATIONS + b"/replay?since=9999-12-31T23:59:59-14:00"),
    _post(b"", KEY, path=OPERATIONS + b"/replay?since=%00"),
    _get(OPERATIONS + b"/dead-letters?limit=99999999999999999999&after=x&state=%00"),
    _get(b"/api/v1/me/%00"),
    _get(b"/" + LONG),
    _get(b"/api/v1/me", b"Host: b", b"Host: [::"),
    _get(b"/api/v1/me/..%2f..%2fetc"),
    _get(b"//api/v1//me"),
    _get(b"/api/v1/nothing", b"traceparent: 00-zz-" + LONG, b"baggage: " + LONG),
    _get(b"/api/v1/me").replace(b"Bearer TOKEN", b"Bearer " + LONG + LONG),
    _get(b"/api/v1/me").replace(b"Bearer TOKEN", b"Bearer \xff\xff.\xff.\xff"),
    _get(b"/api/v1/me").replace(b"Bearer TOKEN", b"Basic YTpi"),
    _get(b"/api/v1/me").replace(b"Bearer TOKEN", b"Bearer"),
    _get(b"/api/v1/me").replace(b"GET", b"PROPFIND"),
    _get(b"/api/v1/me").replace(b"GET", b"DELETE"),
]


@pytest.mark.parametrize("request_bytes", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_request_is_more_than_a_4xx(raw: Raw, request_bytes: bytes) -> None:
    status, head, body = await raw.ask(request_bytes)
    assert 200 <= status < 500, body
    if status < 400:  # odd, and not wrong
        return
    if b"text/plain" in head:  # what the server refuses before it is a request
        assert body == b"Invalid HTTP request received."
        return
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["status"] == status


async def test_the_requests_here_fail_for_what_is_wrong_with_them(raw: Raw) -> None:
    status, _, body = await raw.ask(_post(b'{"rating": 5}', JSON, KEY))
    assert status == 201, body
    assert (await raw.ask(_get(b"/api/v1/me")))[0] == 200
