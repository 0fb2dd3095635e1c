"""Services that say what a test wants them to say, over real HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from chassis.problems import Problem
from tests.support.servers import free_port

CITY = "01890000-0000-7000-8000-00000000c17e"


@dataclass
class StandIn:
    """One neighbour. Its fields are changed while it runs."""

    not_ready: list[str] = field(default_factory=list)
    delay: float = 0.0
    answers: dict[str, Any] = field(default_factory=dict)
    """JSON by path; what is no dict is sent as text, a response as it is."""
    asked: list[Request] = field(default_factory=list)
    """With the body of each in `state.body`."""

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        async def answer(request: Request) -> Response:
            request.state.body = await request.body()
            self.asked.append(request)
            await asyncio.sleep(self.delay)
            path = request.url.path
            if path == "/readyz":
                if self.not_ready:
                    return Problem(503, "not-ready", "Not ready", "…", not_ready=self.not_ready).response()
                return JSONResponse({"status": "ready"})
            if path not in self.answers:
                return Problem(404, "not-found", "Not found", "…").response()
            content = self.answers[path]
            if callable(content) and not isinstance(content, Response):
                content = content(request)
            if isinstance(content, Response):
                return content
            return JSONResponse(content) if isinstance(content, dict | list) else Response(content)

        return app


def a_running_campaign(name: str = "Le mois des ambassadeurs") -> dict[str, Any]:
    ends = "2026-12-05T22:59:00Z"
    return {"items": [{"id": CITY, "name": name, "ends_at": ends, "city_id": CITY}], "next": None}


def shops(number: int) -> Any:
    """A directory's list of so many shops, by pages."""

    def page(request: Request) -> dict[str, Any]:
        limit, begin = int(request.query_params["limit"]), int(request.query_params.get("cursor", 0))
        end = min(begin + limit, number)
        return {
            "items": [{"id": place} for place in range(begin, end)],
            "next": str(end) if end < number else None,
        }

    return page


def an_offer(**changed: Any) -> dict[str, Any]:
    """What the directory says of an invitation to whoever has its link."""
    return {
        "role": "city_officer",
        "city_name": {"fr": "Liège", "nl": "Luik"},
        "place_name": None,
        "invited_by_name": "Claire Lambert",
        "hands_over": False,
        "expires_at": "2026-12-02T10:00:00Z",
    } | changed


def a_town() -> dict[str, StandIn]:
    """All four services, ready, with a campaign on in Habay."""
    town = {name: StandIn() for name in ("directory", "campaigns", "notifications", "assessment")}
    town["campaigns"].answers["/api/v1/campaigns"] = a_running_campaign()
    town["directory"].answers |= {
        f"/api/v1/cities/{CITY}": {"name": {"fr": "Habay", "nl": "Habay"}},
        "/api/v1/merchants": shops(93),
    }
    return town


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The app on a port of its own, in a thread of its own; its address."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True  # answers under way may be slow on purpose
        thread.join(10)
