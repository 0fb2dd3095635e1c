"""A service that notes when each step between a POST and the open page begins and ends.

`stamped_service <service> <file> <mode>`: the service itself, with a few functions wrapped; a line per step
in `file` (a time of the machine's monotonic clock and the step's name), written when it ends.
"""

from __future__ import annotations

import runpy
import sys
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from chassis import metrics
from chassis.bell import OutboxBell
from chassis.consumer import Consumer
from chassis.relay import Relay
from services.notifications.audience.live import LiveAudiences

AUDIENCE = "notifications__audience_blue"
stamps: list[tuple[float, str]] = []


def stamp(step: str) -> None:
    stamps.append((time.perf_counter(), step))


def stamped(owner: Any, name: str, step: str, only: Callable[[Any], bool] = lambda _: True) -> None:
    """Note when the coroutine function `owner.name` is entered and left."""
    original = getattr(owner, name)

    @wraps(original)
    async def noted(self: Any, *arguments: Any, **named: Any) -> Any:
        if not only(self):
            return await original(self, *arguments, **named)
        stamp(f"{step} begins")
        try:
            return await original(self, *arguments, **named)
        finally:
            stamp(f"{step} ends")

    setattr(owner, name, noted)


def note_requests() -> None:
    """When a POST came in, and when its answer left."""
    original = metrics.RequestTimes.__call__

    async def noted(self: Any, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        if scope.get("method") != "POST":
            await original(self, scope, receive, send)
            return
        stamp("the service has the POST")
        await original(self, scope, receive, send)
        stamp("the POST is answered")

    metrics.RequestTimes.__call__ = noted  # type: ignore[method-assign]


def note_commits() -> None:
    """When a transaction that recorded events was committed."""
    original = OutboxBell.ring

    def noted(self: OutboxBell) -> None:
        stamp("action and event are committed")
        original(self)

    OutboxBell.ring = noted  # type: ignore[method-assign]


if __name__ == "__main__":
    service, file, mode = sys.argv[1:]
    note_requests()
    note_commits()
    stamped(Relay, "_publish", "the relay's publishing")
    stamped(Consumer, "handle", "the consumer's batch", lambda self: self.durable.name == AUDIENCE)
    stamped(LiveAudiences, "_show", "reading the figures")
    sys.argv = [service, mode]
    try:
        runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=True)
    finally:
        Path(file).write_text("".join(f"{at} {step}\n" for at, step in stamps))
