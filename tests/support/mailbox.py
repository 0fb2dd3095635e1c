"""A mail relay for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.servers import free_port


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

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """It takes mails inside the block."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def to(self, address: str) -> list[EmailMessage]:
        """What that recipient got."""
        return [message_from_bytes(raw, policy=default) for to, raw in self.raw if to == address]
