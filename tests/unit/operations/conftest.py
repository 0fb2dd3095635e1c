"""A gateway of a test's own making: answers what it is told to, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from operations.__main__ import app


@dataclass
class StandInGateway:
    """Answers by method and path; what it does not know is 404. Remembers what it was asked."""

    address: str = ""
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def says(self, request: str, body: Any, status: int = 200) -> None:
        """Answer `request` ("GET /path") so; said again, the answers follow each other and the last stays."""
        self.answers.setdefault(request, []).append((status, body))

    def answer(self, request: str) -> tuple[int, bytes]:
        self.asked.append(request)
        known = self.answers.get(request)
        if known is None:
            return 404, b'{"type":"urn:cococity:problem:not-found","detail":"There is no such thing."}'
        status, body = known.pop(0) if len(known) > 1 else known[0]
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInGateway]:
    stand_in = StandInGateway()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = stand_in.answer(f"{self.command} {self.path.partition('?')[0]}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names http.server looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("COCOCITY_GATEWAY", stand_in.address)
    monkeypatch.setenv("COCOCITY_TOKEN", "an-operators-token")
    yield stand_in
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments: str) -> Result:
    """`cococity` with these arguments."""
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)
