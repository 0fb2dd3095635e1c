"""Takes bounces in: a small SMTP server that the city's relay hands its own return paths to (decision 0043).

Each mail has a return path of its own, `bounces+<delivery id>@…`, so that what comes back says by itself what
it is about, whatever it looks like. A delivery's id is known to those alone whom the mail went through.
"""

from __future__ import annotations

import asyncio
import re
from email.headerregistry import Address
from typing import Any
from uuid import UUID

import structlog

from chassis import telemetry_names
from chassis.clock import Clock
from services.notifications.suppression.bounces import bounce_of
from services.notifications.suppression.storage import Suppression

LARGEST_BYTES = 1_000_000
SILENCE_SECONDS = 60
_EXTENSION = re.compile(r"[0-9a-f]{32}")

log = structlog.get_logger(__name__)


def return_path(bounces: Address, delivery: UUID) -> str:
    """Where what becomes of that delivery later is told (subaddressing, RFC 5233)."""
    return f"{bounces.username}+{delivery.hex}@{bounces.domain}"


def delivery_of(bounces: Address, recipient: str) -> UUID | None:
    """The delivery whose return path that is; None where it is none of ours."""
    user, _, domain = recipient.rpartition("@")
    name, _, extension = user.lower().partition("+")
    if domain.lower() != bounces.domain.lower() or name != bounces.username.lower():
        return None
    return UUID(extension) if _EXTENSION.fullmatch(extension) else None


class Intake:
    """The job that listens. Any number of workers may: the system spreads what comes in over them."""

    def __init__(
        self, bounces: Address | None, host: str, port: int, suppression: Suppression, *, clock: Clock
    ) -> None:
        self._bounces = bounces
        self._host = host
        self._port = port
        self._suppression = suppression
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Take bounces in until `stop`; nothing where no address for them is set."""
        if self._bounces is None:
            await stop.wait()
            return
        from aiosmtpd.smtp import SMTP  # only who takes bounces in pays for it

        domain = self._bounces.domain
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(
                self,
                data_size_limit=LARGEST_BYTES,
                hostname=domain,
                ident="CoCoCity",
                timeout=SILENCE_SECONDS,
            ),
            self._host,
            self._port,
            reuse_port=True,
        )
        async with server:
            await stop.wait()

    async def handle_RCPT(  # noqa: N802  the library's name and signature
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        assert self._bounces is not None
        if delivery_of(self._bounces, address) is None:
            return "550 5.1.1 No such return path"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        assert self._bounces is not None
        bounce = await asyncio.to_thread(bounce_of, envelope.content)
        if bounce is None:
            return "250 OK, not a bounce"
        for address in envelope.rcpt_tos:
            delivery = delivery_of(self._bounces, address)
            assert delivery is not None
            try:
                known = await self._suppression.bounced(delivery, bounce, self._clock())
            except Exception as error:
                log.warning("bounce is put off", error=type(error).__name__)
                return "451 4.3.0 Try again later"  # the relay keeps it
            if known:
                telemetry_names.DELIVERIES.labels("mail", "bounced").inc()
            log.info("bounce", delivery_id=str(delivery), status=bounce.status, known=known)
        return "250 OK"
