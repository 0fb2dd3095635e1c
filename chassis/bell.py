"""Tells other tasks and other processes of a service that something was committed; nobody waits for it.

Within the process a call is enough. Other processes get a NOTIFY, bundled over a few milliseconds, on a
connection of its own and outside every transaction. A broadcast is a courtesy: whoever hears it also looks
by himself now and then, so that one which is lost costs that interval and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

OUTBOX = "outbox"
OUTBOX_BUNDLE_SECONDS = 0.003
_MOST_BYTES = 7_900
"""PostgreSQL takes a payload of less than 8,000 bytes."""
_EVERYTHING = "*"
_NOTIFY = text("SELECT pg_notify(:channel, :payload)")

log = structlog.get_logger(__name__)


class Broadcast:
    """A channel between all processes of a service that share its database.

    `heard(keys)` is called for what other processes say: with the keys said, or with None where those
    were too many to be named. What a process says itself it does not hear. What is said within
    `bundle_seconds` is one NOTIFY.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        channel: str,
        heard: Callable[[frozenset[str] | None], None],
        *,
        bundle_seconds: float,
    ) -> None:
        self._engine = engine
        self._channel = channel
        self._heard = heard
        self._bundle_seconds = bundle_seconds
        self._us = uuid4().hex
        self._keys: set[str] = set()
        self._saying: asyncio.Task[None] | None = None

    def say(self, keys: Collection[str] = ()) -> None:
        """Tell the others soon. Returns at once."""
        self._keys.update(keys)
        if self._saying is None or self._saying.done():
            self._saying = asyncio.create_task(self._say())

    async def _say(self) -> None:
        await asyncio.sleep(self._bundle_seconds)
        payload = " ".join([self._us, *self._keys])
        if len(payload) > _MOST_BYTES:
            payload = f"{self._us} {_EVERYTHING}"
        self._keys.clear()
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(_NOTIFY, {"channel": self._channel, "payload": payload})
        except Exception as error:
            log.info("not heard elsewhere; others look", channel=self._channel, error=type(error).__name__)

    async def listen(self, stop: asyncio.Event) -> None:
        """Hear other processes until `stop`; reconnects for ever. Keeps one connection of the pool."""
        while not stop.is_set():
            try:
                async with self._engine.connect() as connection:
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                    raw = await connection.get_raw_connection()
                    driver: Any = raw.driver_connection
                    await driver.add_listener(self._channel, self._receive)
                    try:
                        while not stop.is_set() and not driver.is_closed():
                            with suppress(asyncio.TimeoutError):
                                await asyncio.wait_for(stop.wait(), 1)
                    finally:
                        await connection.invalidate()  # it would go on listening for whoever has it next
            except Exception as error:
                log.info("hears nobody; looks instead", channel=self._channel, error=type(error).__name__)
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), 2)

    def _receive(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        origin, *keys = payload.split(" ")
        if origin != self._us:
            self._heard(None if keys == [_EVERYTHING] else frozenset(keys))

    async def close(self) -> None:
        """Drop what is still to be said."""
        if self._saying is not None:
            self._saying.cancel()
            with suppress(asyncio.CancelledError):
                await self._saying


class OutboxBell:
    """Rung after commits that recorded events, heard by the relay; one that is deaf polls every 100 ms."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._event = asyncio.Event()
        self._others = Broadcast(
            engine, OUTBOX, lambda _: self._event.set(), bundle_seconds=OUTBOX_BUNDLE_SECONDS
        )
        self.relay_is_elsewhere = False
        """True in a process that has no relay of its own: it then tells the others."""

    def ring(self) -> None:
        """Say that events were committed. Returns at once."""
        self._event.set()
        if self.relay_is_elsewhere:
            self._others.say()

    async def wait(self, seconds: float) -> None:
        """Return when the bell rings, or after `seconds`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()

    async def listen(self, stop: asyncio.Event) -> None:
        """Hear the bells of other processes until `stop`."""
        await self._others.listen(stop)

    async def close(self) -> None:
        """Drop a ring that is still under way."""
        await self._others.close()
