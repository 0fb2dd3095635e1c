"""How long a session lasts, and what becomes of a refresh token that is presented."""

from datetime import datetime, timedelta
from enum import StrEnum

UNUSED_FOR = timedelta(days=30)
"""A session that nobody refreshed for so long is over."""
LONGEST = timedelta(days=180)
"""However often it is refreshed, somebody signs in anew after that time."""
STRONG_FOR = timedelta(hours=12)
"""A second factor counts for a working day; then roles of staff wait for it once more."""
PARALLEL = timedelta(seconds=30)
"""Two windows of a browser, or a request that was sent twice: both get the same successor for so long."""
ENDED_KEPT = timedelta(days=30)
"""An ended session stays in the list for so long: whoever lost it can see that it ended, and why."""


class Presented(StrEnum):
    """What a known refresh token turns out to be."""

    CURRENT = "current"
    """The newest of its session: it is replaced."""
    REPLACED_JUST_NOW = "replaced just now"
    """Its successor is given once more."""
    REUSED = "reused"
    """Replaced long ago: two have it, one of them a thief. The session ends for both (RFC 9700, 4.14.2)."""


def presented(replaced_at: datetime | None, now: datetime) -> Presented:
    """What to make of a token that was replaced then, or was not (None)."""
    if replaced_at is None:
        return Presented.CURRENT
    return Presented.REPLACED_JUST_NOW if now - replaced_at <= PARALLEL else Presented.REUSED


def expiry(began_at: datetime, now: datetime) -> datetime:
    """Until when a session that is used now lasts."""
    return min(now + UNUSED_FOR, began_at + LONGEST)
