"""What somebody may choose of when and where they are told, and what holds where they chose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

MAIL = "mail"
PUSH = "push"
CHANNELS = (MAIL, PUSH)
"""Beside the feed, which has everything at once."""


class Timing(StrEnum):
    """When a kind of news goes out on a channel; what is "never" sent stays in the feed."""

    at_once = "at-once"
    daily = "daily"
    weekly = "weekly"
    never = "never"


@dataclass(frozen=True, slots=True)
class Choices:
    """Of one recipient. Hours are those of clocks in Belgium."""

    timings: Mapping[str, Mapping[str, Timing]] = field(default_factory=dict)
    """By kind and channel; the kind's own default where there is none."""
    digest_day: int = 1
    """Of weekly digests, 1 (Monday) to 7."""
    digest_hour: int = 8
    """Of daily and weekly ones, 0 to 23; outside of the quiet hours."""
    quiet_from: int | None = 20
    """With `quiet_to`, hours between which nothing goes out, over midnight too. Both None: there are none."""
    quiet_to: int | None = 8
    holidays: bool = False
    """Whether something goes out on public holidays of Belgium."""
    most_a_day: int = 3
    """Messages on each channel, digests included. What is more waits for the next day's digest."""
    unread_for: int = 60
    """Minutes that news waits in the feed before it goes out at once: who reads it there gets no mail."""

    def patience(self, channel: str) -> timedelta:
        """Mail alone waits: a push message is how most learn that the feed has something."""
        return timedelta(minutes=self.unread_for if channel == MAIL else 0)

    def is_quiet(self, hour: int) -> bool:
        """Whether nothing goes out in the hour that begins then."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return False
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to
