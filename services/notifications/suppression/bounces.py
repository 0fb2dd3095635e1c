"""What a message to a return path says: that a mail could not be delivered, and why.

Read are delivery status notifications (RFC 3464) alone, which every mail server in use writes. An answering
machine, a delay and a text that only looks like a bounce say nothing.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from itertools import islice
from typing import NamedTuple

_MOST_PARTS = 50
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


class Bounce(NamedTuple):
    """A mail that was given up by some server on its way."""

    status: str
    """The enhanced status code (RFC 3463), such as "5.1.1"; "5.0.0" where none is readable."""

    @property
    def is_of_mailbox(self) -> bool:
        """Whether no other mail would get there either.

        A full mailbox empties, what was too large or looked like spam is of that mail (5.2.2 to 5.2.4, 5.3,
        5.6, 5.7), and so is what was temporary until somebody lost patience (4.x).
        """
        kind, subject, detail = self.status.split(".")
        return kind == "5" and (subject in "0145" or (subject == "2" and detail in ("0", "1")))


def bounce_of(raw: bytes) -> Bounce | None:
    """The failure that the message tells of; None where it tells of none, or cannot be read."""
    try:
        parts = islice(message_from_bytes(raw).walk(), _MOST_PARTS)
        reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
        return next(filter(None, map(_failure, reports)), None)
    except (
        Exception
    ):  # whoever sends it may write what the library's parser never met, nested without end too
        return None


def _failure(report: Message) -> Bounce | None:
    blocks = report.get_payload()
    if not isinstance(blocks, list):
        return None
    for block in blocks[1:]:  # the first is about the message, the others about its recipients
        if isinstance(block, Message) and _field(block, "Action").lower() == "failed":
            return Bounce(_status(block))
    return None


def _status(block: Message) -> str:
    """As the report has it; where that is general ("5.0.0"), as the other server said it."""
    said = [
        found.group()
        for name in ("Status", "Diagnostic-Code")
        if (found := _STATUS.search(_field(block, name)))
    ]
    exact = [status for status in said if not status.endswith(".0.0")]
    return (exact or said or ["5.0.0"])[0]


def _field(block: Message, name: str) -> str:
    return str(block.get(name, ""))[:500].strip()
