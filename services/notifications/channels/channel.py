"""What a way to reach people has to know: mail is one. Another is a module beside it and a line in `main.py`.

Each is driven by a job of its own (`delivery/dispatch.py`), which claims what is due there, sends so many at
once, keeps away from a provider that is down, and notes what became of each. So none waits for another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from services.notifications.delivery.queue import Due

Target = TypeVar("Target")
"""What a channel knows of a recipient when it sends: an address, a device."""


class Suppressed(Exception):
    """This one is not to be sent, though it could be; its text is the reason, a code."""


class Channel(Protocol, Generic[Target]):
    """A provider and how it is spoken to. Errors are those of `chassis.smtp`, whatever is spoken."""

    name: str
    """As `delivery.channel` has it."""
    at_once: int
    """How many it may be asked to send side by side."""

    async def targets(self, due: Sequence[Due], now: datetime) -> Mapping[UUID, Target]:
        """Where to send each, by the delivery's id; what is left out goes nowhere. Raises Unreachable."""
        ...

    async def send(self, due: Due, target: Target, now: datetime) -> None:
        """Return once the provider has taken responsibility.

        Raises Unreachable where it is nobody's fault, RefusedForNow, RefusedForGood where it is this one's,
        Suppressed where it should not even be tried.
        """
        ...

    async def rest(self) -> None:
        """There is nothing to send for now: let go of what is held open."""
        ...
