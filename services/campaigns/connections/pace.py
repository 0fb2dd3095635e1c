"""Each request to a platform is counted before it is made, of all our processes together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from chassis import limits
from chassis.clock import Clock
from chassis.database import Database
from chassis.limits import Limit
from chassis.problems import Problem
from services.campaigns.connections.domain import Declared
from services.campaigns.watch.domain import Trouble

MINUTE = timedelta(minutes=1)
Count = Callable[[], Awaitable[None]]
"""Raises MinuteIsFull instead of letting one request more be made."""


class MinuteIsFull(Trouble):
    """We hold back ourselves; nothing is wrong there."""

    def __init__(self) -> None:
        super().__init__(
            "The platform is asked as often as it may be just now. Try again in a minute.", MINUTE
        )


def counted(database: Database, declared: Declared, clock: Clock) -> Count:
    """By the connector's declared limit."""
    limit = Limit(f"requests to {declared.key}", declared.per_minute, MINUTE)

    async def count() -> None:
        try:
            await limits.count(database, limit, declared.key, clock())
        except Problem:
            raise MinuteIsFull from None

    return count
