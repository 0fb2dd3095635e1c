"""Time as the services see it: UTC, in whole milliseconds, always passed in where a rule depends on it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the current time, aware, in UTC. Rules take one as a parameter so that tests can set it."""


def whole_milliseconds(at: datetime) -> datetime:
    """`at` in UTC without its microseconds: what the bus, the database and the ids all keep alike.

    Raises ValueError where `at` has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time carries its zone")
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def utc_now() -> datetime:
    """The current time, UTC, in whole milliseconds."""
    return whole_milliseconds(datetime.now(UTC))
