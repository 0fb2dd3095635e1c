"""What becomes of a mail that is refused, and when it is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

REFUSED_FOR = timedelta(days=3)
"""How long a mailbox may refuse a mail for the time being before it is given up."""
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
LONGEST_OUTAGE_PAUSE = timedelta(seconds=30)
"""Between two looks whether relay and directory are back."""
CARRIED_FOR = timedelta(days=31)
"""How old news may be that goes along with a digest because its own message never arrived."""
ADDRESS_SUPPRESSED = "address-suppressed"
"""The reason where no mail goes to the address any more: it bounced, or the relay refused it."""


class State(StrEnum):
    """The first three are open; the others are final, the last two with a reason."""

    pending = "pending"
    sending = "sending"
    failed_for_now = "failed_for_now"
    """Refused; it is tried again."""
    sent = "sent"
    failed_for_good = "failed_for_good"
    suppressed = "suppressed"
    """Not to be sent after all: read in the feed, not agreed to any more, to an address that is gone."""


def retry_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many attempts: 5 s, 10 s, 20 s … an hour, less up to a fifth.

    `chance` is a number from 0 to 1: what failed together is not tried again together.
    """
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY) * (1 - chance / 5)


def is_given_up(refused_since: datetime, now: datetime, patience: timedelta = REFUSED_FOR) -> bool:
    """Whether a mailbox or browser has refused for so long that nobody waits any longer."""
    return now - refused_since >= patience
