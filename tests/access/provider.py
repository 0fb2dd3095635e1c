"""An identity provider as far as it is needed to leave for it: its discovery document."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

NAME, CITY = "habay", uuid4()
"""The city that takes part from `things.py` on."""


class _Discovery(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        issuer = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        body = json.dumps({"issuer": issuer, "authorization_endpoint": f"{issuer}/auth"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing of it is worth a line."""


@contextmanager
def configured_provider(folder: Path) -> Iterator[Path]:
    """The file that names it, while it answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Discovery) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        known = {
            "name": NAME,
            "city_id": str(CITY),
            "label": "Commune de Habay",
            "issuer": f"http://127.0.0.1:{server.server_port}",
            "client_id": "cococity",
            "email_domains": ["habay.example"],
        }
        file = folder / "identity_providers.json"
        file.write_text(json.dumps([known]), encoding="utf-8")
        yield file
        server.shutdown()
