"""What a process remembers of the database for a moment, and for longer while the database is away."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import structlog

from chassis.database import is_infrastructure_error

MOST = 50_000
"""Things of a kind that a process remembers. Those that were not asked for for longest are forgotten."""
FRESH_SECONDS = 5.0
PATIENCE_SECONDS = 0.3
"""How long whoever asks for a known thing is kept waiting for newer news of it."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

log = structlog.get_logger(__name__)


class Remembered(Generic[K, V]):
    """What `read` found, asked again after FRESH_SECONDS: changes are noticed by every process soon after.

    Where the database does not answer, what was read before goes on holding. `monotonic` counts seconds.
    """

    def __init__(
        self, read: Callable[[K], Awaitable[V | None]], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._known: OrderedDict[K, tuple[V, float]] = OrderedDict()

    async def get(self, key: K) -> V | None:
        """What there is under that key, if anything.

        Raises what the database raises, for what was not asked for before.
        """
        known = self._known.get(key)
        if known is None:
            return self._keep(key, await self._read(key))
        value, read_at = known
        self._known.move_to_end(key)
        if self._monotonic() - read_at <= FRESH_SECONDS:
            return value
        self._keep(key, value)  # others that come meanwhile, and a failure, are served with it
        try:
            return self._keep(key, await asyncio.wait_for(self._read(key), PATIENCE_SECONDS))
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.warning("what was read before holds", error=type(error).__name__)
            return value

    def forget(self, key: K) -> None:
        """It has changed: read it again."""
        self._known.pop(key, None)

    def _keep(self, key: K, value: V | None) -> V | None:
        if value is None:
            self._known.pop(key, None)  # not kept: a flood of wrong keys would push the good ones out
            return None
        self._known[key] = (value, self._monotonic())
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return value
