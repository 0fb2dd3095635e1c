"""Offers end, and seats that are free go to the next in line, also where nobody calls us."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sqlalchemy import text

from chassis.clock import Clock
from chassis.database import Database
from services.assessment.coaching import storage

POLL_SECONDS = 5.0
_AT_ONCE = 50

# An offer that is over; or a free number and somebody in line, where a request went with its shop.
_DUE = text("""
    SELECT g.id FROM coaching_groups g
     WHERE g.state IN ('open', 'formed') AND g.starts_at > :now AND EXISTS (
        SELECT FROM coaching_seats s WHERE s.group_id = g.id AND (
            s.state = 'offered' AND s.expires_at <= :now
            OR s.state = 'waiting' AND 5 > (
                SELECT count(*) FROM coaching_seats n WHERE n.group_id = g.id AND n.seat IS NOT NULL)))
     ORDER BY g.id LIMIT :most
""")


class PassingOn:
    """The job. Safe in any number of processes: each group is locked, and looked at again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Every few seconds, until `stop`."""
        while not stop.is_set():
            await self.once()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)

    async def once(self) -> None:
        """Each group that is due, in a transaction of its own."""
        asked = {"now": self._clock(), "most": _AT_ONCE}
        async with self._database.connection() as connection:
            due = list((await connection.execute(_DUE, asked)).scalars())
        for group_id in due:
            async with self._database.transaction() as tx:
                now, found = self._clock(), await storage.lock_groups(tx, [group_id])
                for group in found.values():
                    if await storage.pass_on(tx, group, now):
                        await storage.note(tx, group.id, now)
