"""What becomes of a mail, by what the other server says. Source of the codes: RFC 5321, section 4.2."""

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


class Unreachable(Exception):
    """Infrastructure: the relay or the directory is away, or is not set up to take mail from us.

    No delivery's fault: all of them wait, for ever if need be.
    """


class RefusedForNow(Exception):
    """This mail was refused for the time being (4xx)."""


class RefusedForGood(Exception):
    """This mail will never be taken (5xx). `reason` is a code, never what the other server said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, 10 s, 20 s … an hour."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)


def is_given_up(refused_since: datetime, now: datetime) -> bool:
    """Whether a mailbox has refused for so long that nobody waits any longer."""
    return now - refused_since >= REFUSED_FOR


def refusal(code: int, *, of_recipient: bool) -> Exception:
    """What an SMTP reply code about this one mail means; the connection's end (421) is no refusal."""
    if code == 421:
        return Unreachable(f"code {code}")
    if 400 <= code < 500:
        return RefusedForNow(f"code {code}")
    return RefusedForGood("mailbox-unavailable" if of_recipient else "message-refused")
