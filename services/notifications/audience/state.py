"""Which slot is live, which is being rebuilt, and how every worker learns of it within a second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from services.notifications.audience.slots import Slot

POLL_SECONDS = 0.5


@dataclass(frozen=True)
class AudienceState:
    """The row of the projection."""

    live: Slot
    live_generation: int
    rebuild_generation: int | None
    rebuild_started_at: datetime | None
    switched_at: datetime | None

    @property
    def rebuilding(self) -> Slot | None:
        return self.live.other if self.rebuild_generation is not None else None

    def generation_of(self, slot: Slot) -> int | None:
        """The generation a slot is filled for; None while it idles."""
        return self.live_generation if slot is self.live else self.rebuild_generation


def inbox_name(slot: Slot, state: AudienceState | None) -> str:
    """A rebuild is a different effect of the same events, so it remembers them under its own name."""
    return f"audience_{slot}#{(state and state.generation_of(slot)) or 0}"


_SELECT = """
    SELECT live_slot, live_generation, rebuild_generation, rebuild_started_at, switched_at
    FROM projection WHERE name = 'audience'
"""


async def read_state(connection: AsyncConnection, *, lock: bool = False) -> AudienceState:
    """The state now; with `lock` nobody else changes it before the transaction ends."""
    row = (await connection.execute(text(_SELECT + (" FOR UPDATE" if lock else "")))).one()
    return AudienceState(Slot(row[0]), *row[1:])


class StateWatch:
    """The state as one process last saw it, read again when it is older than half a second.

    A process that acts on a state a moment too old does no harm: what it applies is true in either slot,
    and each contribution counts once there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: AudienceState | None = None
        self._seen_at = 0.0
        self._reading = asyncio.Lock()

    async def current(self) -> AudienceState:
        async with self._reading:
            if self._seen is None or time.monotonic() - self._seen_at > POLL_SECONDS:
                async with self._database.connection() as connection:
                    self._seen = await read_state(connection)
                self._seen_at = time.monotonic()
            return self._seen

    @property
    def last_seen(self) -> AudienceState | None:
        """None in a process that has not looked yet: one that does not consume."""
        return self._seen

    async def wait_until_wanted(self, slot: Slot) -> None:
        """Return when `slot` is live or being rebuilt."""
        while (await self.current()).generation_of(slot) is None:  # noqa: ASYNC110  it asks the database
            await asyncio.sleep(POLL_SECONDS)
