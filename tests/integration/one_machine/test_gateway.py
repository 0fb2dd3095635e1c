"""The real gateway in front of stand-ins that say who was asked for what."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from deploy.one_machine.gateway import GatewaySettings, gateway_program
from deploy.one_machine.program import Child
from tests.support.servers import free_port

NAMES = ("directory", "campaigns", "notifications", "assessment", "portal", "mails", "traces")
PROBLEM = "application/problem+json"


class ManyAtOnce(ThreadingHTTPServer):
    """More than the standard library's five wait to be accepted; beyond, one tries again a second later."""

    request_queue_size = 128


@dataclass
class StandIn:
    """Answers every request with its name, the path and the headers it saw."""

    name: str
    port: int
    asked: list[str] = field(default_factory=list)
    server: ManyAtOnce | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """Of every answer."""

    def start(self) -> None:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("content-length", 0))
                self.rfile.read(length)
                stand_in.asked.append(self.path)
                body = json.dumps(
                    {"service": stand_in.name, "path": self.path, "headers": dict(self.headers)}
                )
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                for name, value in stand_in.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            do_POST = do_GET  # noqa: N815  the name is the standard library's

            def log_message(self, *_: object) -> None:
                pass

        self.server = ManyAtOnce(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@dataclass
class Gateway:
    client: httpx.Client
    stand_ins: dict[str, StandIn]
    access_log: Path


@pytest.fixture(scope="module")
def gateway(server_root: Path) -> Iterator[Gateway]:
    root = server_root / "gateway-test"
    stand_ins = {name: StandIn(name, free_port()) for name in NAMES}
    for stand_in in stand_ins.values():
        stand_in.start()
    ports = {name: stand_in.port for name, stand_in in stand_ins.items()}
    settings = GatewaySettings(
        root=root,
        port=free_port(),
        services={name: ports[name] for name in NAMES[:5]},
        windows={name: ports[name] for name in NAMES[5:]},
        log_directory=root / "log",
        requests_per_second=50,
        burst=100,
    )
    child = Child(gateway_program(settings))
    try:
        child.wait_until_ready()
        with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}") as client:
            yield Gateway(client, stand_ins, root / "log" / "access.log")
    finally:
        child.stop()
        for stand_in in stand_ins.values():
            stand_in.stop()


@pytest.mark.parametrize(
    ("path", "service", "path_there"),
    [
        ("/", "portal", "/"),
        ("/docs", "portal", "/docs"),
        ("/readyz", "portal", "/readyz"),
        ("/api/v1/cities/85046/merchants?limit=2", "directory", "/api/v1/cities/85046/merchants?limit=2"),
        ("/api/v1/imports", "directory", "/api/v1/imports"),
        ("/api/v1/tokens", "directory", "/api/v1/tokens"),
        ("/api/v1/identity-providers/habay", "directory", "/api/v1/identity-providers/habay"),
        ("/.well-known/jwks.json", "directory", "/.well-known/jwks.json"),
        ("/api/v1/campaigns", "campaigns", "/api/v1/campaigns"),
        ("/api/v1/contributions/1", "campaigns", "/api/v1/contributions/1"),
        ("/s/cdfh2345", "campaigns", "/s/cdfh2345"),
        ("/api/v1/visits", "campaigns", "/api/v1/visits"),
        ("/api/v1/audience/1", "notifications", "/api/v1/audience/1"),
        ("/api/v1/notifications/stream", "notifications", "/api/v1/notifications/stream"),
        ("/api/v1/questionnaires", "assessment", "/api/v1/questionnaires"),
        (
            "/api/v1/operations/campaigns/dead-letters",
            "campaigns",
            "/api/v1/operations/campaigns/dead-letters",
        ),
        ("/services/assessment/openapi.json", "assessment", "/openapi.json"),
        ("/mails/api/messages", "mails", "/mails/api/messages"),
        ("/traces/-/otel/traces", "traces", "/traces/-/otel/traces"),
    ],
)
def test_a_path_reaches_the_service_that_owns_it(
    gateway: Gateway, path: str, service: str, path_there: str
) -> None:
    answer = gateway.client.get(path).json()

    assert (answer["service"], answer["path"]) == (service, path_there)


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/citiesx", "/services/strangers/openapi.json", "/metrics"]
)
def test_a_path_nobody_owns_is_a_problem_document(gateway: Gateway, path: str) -> None:
    answer = gateway.client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /api/v1/cities%00 HTTP/1.1\r\nHost: x", 400),
        ("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x", 400),
        ("GET /api/v1/cities HTTP/1.1\r\nHost: x\r\nX-Large: " + "a" * 20_000, 400),
        ("GET /api/v1/cities?q=" + "a" * 20_000 + " HTTP/1.1\r\nHost: x", 414),
        ("GET /api/v1/cities HTTP/1.1", 400),
        ("TRACE /api/v1/cities HTTP/1.1\r\nHost: x", 405),
    ],
)
def test_a_request_the_gateway_refuses_itself_is_a_problem_document(
    head: str, status: int, gateway: Gateway
) -> None:
    port = gateway.client.base_url.port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    said, _, body = answer.partition("\r\n\r\n")
    assert said.startswith(f"HTTP/1.1 {status} ")
    assert f"Content-Type: {PROBLEM}" in said
    assert json.loads(body)["status"] == status


def test_a_trace_begins_at_the_gateway_and_is_named_to_the_caller(gateway: Gateway) -> None:
    answer = gateway.client.get("/api/v1/campaigns")

    version, trace_id, span_id, flags = answer.json()["headers"]["traceparent"].split("-")
    assert (version, flags) == ("00", "01")
    assert trace_id == answer.headers["x-trace-id"]
    assert len(trace_id) == 32
    assert len(span_id) == 16


def test_a_callers_trace_goes_on(gateway: Gateway) -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    answer = gateway.client.get("/api/v1/campaigns", headers={"traceparent": given})

    assert answer.json()["headers"]["traceparent"] == given
    assert answer.headers["x-trace-id"] == "0af7651916cd43dd8448eb211c80319c"


def test_an_anonymous_page_is_asked_for_once_and_a_persons_page_each_time(gateway: Gateway) -> None:
    asked = gateway.stand_ins["portal"].asked
    for _ in range(3):
        gateway.client.get("/towns")
        gateway.client.get("/mine", headers={"Authorization": "Bearer a.b.c"})

    assert asked.count("/towns") == 1
    assert asked.count("/mine") == 3


def test_public_pages_are_kept_as_they_say_and_compressed_unless_they_hold_a_secret(gateway: Gateway) -> None:
    portal = gateway.stand_ins["portal"]
    portal.headers = {
        "Content-Type": "text/html",
        "Cache-Control": "public, max-age=0, s-maxage=5, stale-while-revalidate=30",
        "Vary": "Accept-Language, Cookie",
    }
    page, padding = "/towns/85046?lang=en", {"X-Padding": "x" * 1_500}
    answers = [gateway.client.get(page, headers={**padding, "Accept-Language": "en"}) for _ in range(3)]
    assert portal.asked.count(page) == 1
    assert {each.headers.get("content-encoding") for each in answers} == {"gzip"}
    gateway.client.get(page, headers={**padding, "Accept-Language": "fr"})
    assert portal.asked.count(page) == 2
    gateway.client.get(page, headers={**padding, "Accept-Language": "en", "Cookie": "cococity-refresh=x"})
    assert portal.asked.count(page) == 3
    portal.headers |= {"Cache-Control": "no-store"}
    for _ in range(2):
        account = gateway.client.get("/account", headers=padding)
        assert "content-encoding" not in account.headers
    assert portal.asked.count("/account") == 2
    portal.headers = {}


def test_a_short_link_is_asked_for_each_time(gateway: Gateway) -> None:
    for _ in range(3):
        gateway.client.get("/s/hjkm6789")

    assert gateway.stand_ins["campaigns"].asked.count("/s/hjkm6789") == 3


def test_a_page_is_served_while_the_portal_is_away_and_readiness_is_not(gateway: Gateway) -> None:
    portal = gateway.stand_ins["portal"]
    assert gateway.client.get("/start").status_code == 200
    portal.stop()
    try:
        stale = gateway.client.get("/start")
        ready = gateway.client.get("/readyz")
    finally:
        portal.start()

    assert stale.status_code == 200
    assert ready.status_code == 502


def test_a_service_that_is_away_is_a_problem_that_says_when_to_try_again(gateway: Gateway) -> None:
    assessment = gateway.stand_ins["assessment"]
    assessment.stop()
    try:
        answer = gateway.client.post("/api/v1/assessments", json={})
    finally:
        assessment.start()

    assert (answer.status_code, answer.headers["content-type"]) == (502, PROBLEM)
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["type"] == "urn:cococity:problem:unavailable"


def test_an_import_may_be_large_and_nothing_else(gateway: Gateway) -> None:
    body = b"x" * 3_000_000

    assert gateway.client.post("/api/v1/cities/1/imports", content=body).status_code == 200
    refused = gateway.client.post("/api/v1/contributions", content=body)
    assert (refused.status_code, refused.headers["content-type"]) == (413, PROBLEM)


def test_the_access_log_names_the_trace_and_hides_the_arguments(gateway: Gateway) -> None:
    answer = gateway.client.get("/api/v1/merchants?name=secret")
    trace_id = answer.headers["x-trace-id"]

    line = _line_with(gateway.access_log, trace_id)

    assert json.loads(line)["path"] == "/api/v1/merchants"
    assert json.loads(line)["upstream"] == "directory"
    assert "secret" not in line


def test_the_access_log_hides_who_can_be_unsubscribed_with_what(gateway: Gateway) -> None:
    answer = gateway.client.post("/api/v1/notifications/unsubscribe/a-secret-token")

    line = _line_with(gateway.access_log, answer.headers["x-trace-id"])

    assert json.loads(line)["path"] == "/api/v1/notifications/unsubscribe/…"
    assert "a-secret-token" not in line


def test_a_shops_visits_are_not_counted_up_from_one_address(gateway: Gateway) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: gateway.client.post("/api/v1/visits", json={}), range(80)))

    statuses = [answer.status_code for answer in answers]
    assert 0 < statuses.count(200) < 80
    assert statuses.count(429) == 80 - statuses.count(200)


def test_too_many_requests_from_one_address_are_told_to_wait(gateway: Gateway) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: gateway.client.get("/api/v1/campaigns"), range(250)))

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].headers["content-type"] == PROBLEM
    assert refused[0].headers["retry-after"] == "1"


def test_a_key_that_many_addresses_share_is_told_to_wait(gateway: Gateway) -> None:
    """From each address so few that none of them is."""

    def from_address(number: int, auth: tuple[str, str]) -> set[int]:
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{number}")
        address = gateway.client.base_url
        with httpx.Client(transport=transport, base_url=address, auth=auth) as client:
            return {client.post("/api/v1/tokens/key").status_code for _ in range(100)}

    def statuses(credentials: list[tuple[str, str]]) -> set[int]:
        with ThreadPoolExecutor(len(credentials)) as pool:  # at once, or a slow machine is never too fast
            return set().union(*pool.map(from_address, range(2, 2 + len(credentials)), credentials))

    assert statuses([("key", "one"), ("key", "two"), ("key", "three")]) == {200}
    assert statuses([("key", "shared")] * 20) == {200, 429}


def _line_with(log: Path, text: str) -> str:
    for _ in range(40):
        for line in log.read_text().splitlines():
            if text in line:
                return line
        threading.Event().wait(0.1)
    raise AssertionError(f"{text} is not in {log}")


@pytest.mark.parametrize("share", [0.0, 0.000_01, 0.1234, 1.0])
def test_any_share_of_traces_is_a_configuration_that_nginx_takes(tmp_path: Path, share: float) -> None:
    services = dict.fromkeys(NAMES, free_port())
    gateway_program(GatewaySettings(tmp_path, free_port(), services, {}, tmp_path, trace_share=share))
