"""What the last month would have been under other choices: the rules of delivery, over what was told then.

Nothing is stored and nothing is sent. As in truth, a piece of news goes out when `decide` says; one that was
read in the feed before that is left out; a message of which nothing is left is none, and counts for no cap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifications.delivery.choices import Choices
from services.notifications.delivery.deciding import LOCAL, decide
from services.notifications.delivery.queue import Item
from services.notifications.feed.kinds import Standing, kind_of
from services.notifications.recipients import Recipient, as_values

LOOKS_BACK = timedelta(days=30)
MOST = 2_000
"""Pieces of news that are looked at, the newest: many more than anybody is told in a month."""


class News(NamedTuple):
    """What somebody was told, when, and when they read it in the feed."""

    id: UUID
    kind: str
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None

    def is_left_out(self, due_at: datetime) -> bool:
        """Whether it was read by then; what is binding goes out all the same."""
        is_binding = kind_of(self.kind).standing is Standing.binding
        return not is_binding and self.read_at is not None and self.read_at <= due_at


@dataclass
class Message:
    """One that would have gone out."""

    due_at: datetime
    is_digest: bool
    news: list[News] = field(default_factory=list)

    @property
    def day(self) -> date:
        """On Belgian clocks."""
        return self.due_at.astimezone(LOCAL).date()

    def items(self) -> tuple[Item, ...]:
        """What would have been in it; none where all was read before."""
        return tuple(
            Item(each.id, each.kind, each.data) for each in self.news if not each.is_left_out(self.due_at)
        )


def messages_of(
    news: Sequence[News], channel: str, choices: Choices, *, agreed: bool, until: datetime
) -> list[Message]:
    """What would have gone out there by `until`, oldest first; `news` is in the order of its telling."""
    windows: dict[str, Message] = {}
    waiting: set[str] = set()
    sent_on: Counter[date] = Counter()

    def sent(day: date, window: str) -> int:
        return sent_on[day] - (window in waiting and windows[window].day == day)

    for each in news:
        now = each.created_at
        for window in [name for name in waiting if windows[name].due_at <= now]:
            waiting.remove(window)
            sent_on[windows[window].day] -= not windows[window].items()
        decision = decide(each.id, each.kind, channel, choices=choices, agreed=agreed, now=now, sent=sent)
        if decision.window is None or decision.due_at is None:
            continue
        is_digest = decision.window.startswith("digest:")
        if decision.window not in windows:
            windows[decision.window] = Message(decision.due_at, is_digest)
            waiting.add(decision.window)
            sent_on[windows[decision.window].day] += 1
        windows[decision.window].news.append(each)
    found = [each for each in windows.values() if each.due_at <= until and each.items()]
    return sorted(found, key=lambda each: each.due_at)


async def told_since(connection: AsyncConnection, recipient: Recipient, since: datetime) -> list[News]:
    """What the recipient was told from then on, oldest first."""
    values = {**as_values(recipient), "since": since, "most": MOST}
    rows = [News(*row) for row in await connection.execute(_TOLD, values)]
    return rows[::-1]


_TOLD = text("""
    SELECT id, kind, data, created_at, read_at FROM notification
    WHERE recipient_kind = :recipient_kind AND recipient_id = :recipient_id AND created_at > :since
    ORDER BY sequence DESC LIMIT :most
""")
