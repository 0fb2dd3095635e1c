"""Keeps away from a provider that is down, so that nobody waits for it again and again.

    breaker = Breaker(clock)
    breaker.allowance(20)      # how many may be tried now: 20, or 1, or none
    breaker.failed()           # or breaker.worked()

Closed at first. After FAILURES in a row it is open: nothing is tried for a while, then one alone; where that
works it is closed, where it does not it is open for twice as long. (M. Nygard, "Release It!")
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.clock import Clock

FAILURES = 3
"""In a row. A single one may be the fault of what was sent, and must not hold up what comes after it."""
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)


class Breaker:
    """One provider's, in one process: each process finds out by itself, which costs FAILURES tries."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing may be tried at this moment."""
        return self._open_until is not None and self._clock() < self._open_until

    def allowance(self, most: int) -> int:
        """How many of `most` may be tried now."""
        if self.is_open:
            return 0
        return most if self._open_until is None else 1

    def worked(self) -> None:
        """The provider took something, or said plainly that it does not take this one."""
        self._failures, self._open_until = 0, None

    def failed(self) -> None:
        """The provider did not answer, or not as one that works."""
        self._failures += 1
        if self._failures >= FAILURES:
            doublings = min(self._failures - FAILURES, 20)
            self._open_until = self._clock() + min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
