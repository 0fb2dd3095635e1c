"""A mail relay for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.servers import free_port

HANG, DROP = "hang", "drop"


class Mailbox:
    """A relay that keeps what it takes, and refuses what it is told to refuse."""

    def __init__(self, **options: Any) -> None:
        """`options` are aiosmtpd's: `tls_context`, `require_starttls`, `authenticator`…"""
        self.raw: list[tuple[str, bytes]] = []
        self.return_paths: list[str] = []
        self.after_data: list[str] = []
        """What to do with the next mails once they are there: a reply, HANG, or DROP the line without one."""
        self.stuck: set[str] = set()
        """At a mail to these it drops the line, each time, once it has read all of it."""
        self._options = options
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

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if envelope.rcpt_tos[0] in self.stuck:
            todo = DROP
        else:
            todo = self.after_data.pop(0) if self.after_data else "250 OK"
        if todo == HANG:
            await asyncio.Event().wait()
        if todo.startswith("250") or todo == DROP:
            self.raw.append((envelope.rcpt_tos[0], envelope.content))
            self.return_paths.append(envelope.mail_from)
        if todo == DROP:
            server.transport.abort()
        return todo

    def forget(self) -> None:
        """What came, and what it was told to do."""
        for each in (self.raw, self.return_paths, self.after_data, self.stuck, self.refuse):
            each.clear()

    def start(self) -> None:
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ready_timeout=10, **self._options
        )
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
