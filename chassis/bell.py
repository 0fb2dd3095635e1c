"""Wakes the relay when events were committed, without making anybody wait for it.

In the relay's own process an asyncio event is enough. A process without a relay sends a NOTIFY, bundled
over a few milliseconds, on a connection of its own and outside every transaction. The bell is a courtesy:
a ring that is lost costs the relay's polling interval (100 ms) and nothing else.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

CHANNEL = "outbox"
DEBOUNCE_SECONDS = 0.003
log = structlog.get_logger(__name__)


class OutboxBell:
    """Rung after commits, heard by the relay."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._event = asyncio.Event()
        self._notifying: asyncio.Task[None] | None = None
        self.relay_is_elsewhere = False
        """True in a process that has no relay of its own: it then tells the others."""

    def ring(self) -> None:
        """Say that events were committed. Returns at once."""
        self._event.set()
        if self.relay_is_elsewhere and (self._notifying is None or self._notifying.done()):
            self._notifying = asyncio.create_task(self._notify())

    async def wait(self, seconds: float) -> None:
        """Return when the bell rings, or after `seconds`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()

    async def _notify(self) -> None:
        await asyncio.sleep(DEBOUNCE_SECONDS)
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text(f"NOTIFY {CHANNEL}"))
        except Exception as error:
            log.info("outbox bell not heard elsewhere; relays poll", error=type(error).__name__)

    async def listen(self, stop: asyncio.Event) -> None:
        """Hear the bells of other processes until `stop`; reconnects for ever."""
        while not stop.is_set():
            try:
                async with self._engine.connect() as connection:
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                    raw = await connection.get_raw_connection()
                    driver: Any = raw.driver_connection
                    await driver.add_listener(CHANNEL, lambda *_: self._event.set())
                    while not stop.is_set() and not driver.is_closed():
                        with suppress(asyncio.TimeoutError):
                            await asyncio.wait_for(stop.wait(), 1)
                    await connection.invalidate()
            except Exception as error:
                log.info("outbox bell is deaf; the relay polls", error=type(error).__name__)
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), 2)

    async def close(self) -> None:
        """Drop a notification that is still under way."""
        if self._notifying is not None:
            self._notifying.cancel()
            with suppress(asyncio.CancelledError):
                await self._notifying
