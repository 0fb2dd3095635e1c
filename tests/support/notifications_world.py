"""What notifications depends on and does not own: a directory that knows contacts, and a mail relay."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING, Any

import uvicorn
from aiosmtpd.controller import Controller
from fastapi import FastAPI, Response

from tests.support.servers import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID


class QuietServer(uvicorn.Server):
    """uvicorn in the process of the test, whose signals are not its business."""

    def install_signal_handlers(self) -> None: ...

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its base URL, while it serves."""
        task = asyncio.create_task(self._serve())
        while not self.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{self.config.port}"
        finally:
            # As the chassis does on SIGTERM: streams that never end by themselves are told to.
            stopping = getattr(self.config.app.state, "stopping", None)  # type: ignore[union-attr]
            if stopping is not None:
                stopping.set()
            self.should_exit = True
            await task


def serve(app: FastAPI) -> QuietServer:
    return QuietServer(
        uvicorn.Config(
            app,
            port=free_port(),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=75,  # as services do: a slow test would find its connection closed
        )
    )


@dataclass
class DirectoryOfContacts:
    """The two routes of the directory that notifications asks."""

    contacts: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    away: bool = False
    asked: int = 0

    def knows(self, merchant: UUID, name: str, email: str, language: str) -> None:
        self.contacts[merchant] = {
            "merchant_id": str(merchant),
            "merchant_name": name,
            "email": email,
            "language": language,
        }

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/api/v1/tokens/service")
        async def token() -> dict[str, str]:
            return {"token": "of-a-service", "expires_at": "2099-01-01T00:00:00Z"}

        @app.post("/api/v1/people/contacts")
        async def look_up(body: dict[str, list[str]], response: Response) -> dict[str, Any]:
            self.asked += 1
            if self.away:
                response.status_code = 503
                return {}
            found = [self.contacts[each] for each in self.contacts if str(each) in body["merchant_ids"]]
            return {"items": found}

        return app


class Mailbox:
    """A relay that keeps what it takes, and refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.raw: list[tuple[str, bytes]] = []
        self.refuse: dict[str, list[str]] = {}
        """Replies to give to a recipient before taking its mail."""
        self.port = free_port()
        self._controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802  the library's name and signature
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.refuse.get(address):
            return self.refuse[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.raw.append((envelope.rcpt_tos[0], envelope.content))
        return "250 OK"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[EmailMessage]:
        """What that recipient got."""
        return [message_from_bytes(raw, policy=default) for to, raw in self.raw if to == address]
