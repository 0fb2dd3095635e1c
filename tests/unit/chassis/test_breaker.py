"""A provider that is down is left alone, and tried with one thing before all goes there again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chassis.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Breaker


def test_it_opens_after_failures_in_a_row_tries_one_and_closes_when_that_works() -> None:
    now = [datetime(2026, 11, 23, tzinfo=UTC)]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.allowance(20) == 20
    breaker.worked()
    for _ in range(FAILURES):  # those before no longer count
        assert breaker.allowance(20) == 20
        breaker.failed()
    assert (breaker.is_open, breaker.allowance(20)) == (True, 0)
    now[0] += FIRST_PAUSE
    assert breaker.allowance(20) == 1
    breaker.failed()
    now[0] += FIRST_PAUSE
    assert breaker.allowance(20) == 0
    now[0] += FIRST_PAUSE
    assert breaker.allowance(20) == 1
    breaker.worked()
    assert breaker.allowance(20) == 20


def test_a_provider_that_is_away_for_hours_is_tried_twice_a_minute() -> None:
    now = [datetime(2026, 11, 23, tzinfo=UTC)]
    breaker, tries = Breaker(lambda: now[0]), 0
    for _ in range(3600):
        if breaker.allowance(20):
            breaker.failed()
            tries += 1
        now[0] += timedelta(seconds=1)
    assert 115 <= tries <= 135
    assert not breaker.is_open or breaker.allowance(1) == 0
    now[0] += LONGEST_PAUSE
    assert breaker.allowance(20) == 1
