"""What becomes of a mail that is refused, and when it is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

CHANNEL_MAIL = "mail"

REFUSED_FOR = timedelta(days=3)
"""How long a mailbox may refuse a mail for the time being before it is given up."""
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
LONGEST_OUTAGE_PAUSE = timedelta(seconds=30)
"""Between two looks whether relay and directory are back."""


class State(StrEnum):
    """Pending and sending are open; the others are final."""

    pending = "pending"
    sending = "sending"
    sent = "sent"
    failed = "failed"
    cancelled = "cancelled"


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, 10 s, 20 s … an hour."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)


def is_given_up(refused_since: datetime, now: datetime) -> bool:
    """Whether a mailbox has refused for so long that nobody waits any longer."""
    return now - refused_since >= REFUSED_FOR
