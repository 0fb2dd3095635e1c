"""In a demonstration a request may say when it was made: a town has weeks behind it (decision 0042)."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Request

from chassis.clock import Clock, whole_milliseconds
from chassis.problems import invalid

HEADER = "Demo-Time"
EARLIEST = timedelta(days=33)
"""Before now. What is older than 35 days, consumers put aside."""


def dated(request: Request, clock: Clock) -> Clock:
    """The clock of a request of a demonstration: its own time where it says one.

    Raises the problem 422 for what is no time with a zone, in the future, or older than `EARLIEST`.
    """
    said = request.headers.get(HEADER)
    if said is None:
        return clock
    try:
        at = whole_milliseconds(datetime.fromisoformat(said))
    except (ValueError, OverflowError) as error:
        raise invalid(HEADER, "is no time with a zone") from error
    if not clock() - EARLIEST <= at <= clock():
        raise invalid(HEADER, f"lies in the future, or more than {EARLIEST.days} days back")
    return lambda: at
