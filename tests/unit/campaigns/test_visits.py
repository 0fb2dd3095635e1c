"""Which requests are visits, and how different visitors are told apart without a list of them."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from starlette.requests import Request

from services.campaigns.visits import sketch
from services.campaigns.visits.counter import MOST_SUBJECTS, VisitCounter
from services.campaigns.visits.domain import Kind, Subject, fingerprint
from services.campaigns.visits.visitors import visitor_of

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
SALT, DAY = b"s" * 32, datetime(2026, 11, 26, 12, tzinfo=UTC)


def asked(method: str = "GET", address: str = "203.0.113.7", **headers: str) -> Request:
    told = {"user-agent": PHONE, "x-forwarded-for": address, **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "client": None})


@pytest.mark.parametrize(
    "request_",
    [
        asked("HEAD"),
        asked(sec_purpose="prefetch"),
        asked(sec_purpose="prefetch;prerender"),
        asked(purpose="prefetch"),
        asked(x_moz="prefetch"),
        asked(x_purpose="preview"),
        asked(**{"user-agent": ""}),
        asked(**{"user-agent": "x" * 10_000}),
        *(
            asked(**{"user-agent": robot})
            for robot in (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
                "WhatsApp/2.24.9 A",
                "TelegramBot (like TwitterBot)",
                "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
                "curl/8.5.0",
                "python-httpx/0.28.1",
            )
        ),
    ],
)
def test_robots_and_what_is_fetched_ahead_of_asking_are_no_visits(request_: Request) -> None:
    assert visitor_of(request_) is None


def test_a_visitor_is_a_network_and_a_browser() -> None:
    one = visitor_of(asked())
    assert one is not None
    assert visitor_of(asked()) == one
    assert visitor_of(asked(address="203.0.113.8")) != one
    assert visitor_of(asked(**{"user-agent": PHONE.replace("18_1", "17_0")})) != one
    home = {visitor_of(asked(address=f"2001:db8:0:1::{number}")) for number in range(9)}
    assert len(home) == 1, "whoever has one address of a network has all of them"


def test_the_same_visitor_looks_different_on_another_day_and_at_another_thing() -> None:
    one, other = UUID(int=1), UUID(int=2)
    prints = {
        fingerprint(salt, subject, "203.0.113.7 Safari")
        for salt in (SALT, b"t" * 32)
        for subject in (one, other)
    }
    assert len(prints) == 4
    assert fingerprint(SALT, one, "203.0.113.7 Safari") in prints


@pytest.mark.parametrize("number", [1, 30, 300])
def test_few_visitors_are_counted_exactly(number: int) -> None:
    seen = sketch.empty()
    for visitor in [*range(number), *range(number)]:
        seen.update(fingerprint(SALT, UUID(int=1), str(visitor)))
    assert sketch.united(None, seen)[1] == number


def test_who_was_seen_by_two_processes_is_counted_once() -> None:
    stored: bytes | None = None
    for first in (0, 3_000, 0):  # 5,000 visitors each; the second process shares 2,000 with the first
        seen = sketch.empty()
        for visitor in range(first, first + 5_000):
            seen.update(fingerprint(SALT, UUID(int=1), str(visitor)))
        stored, visitors = sketch.united(stored, seen)
    assert abs(visitors - 8_000) < 8_000 * 0.06


class NoDatabase:
    """One that is never asked: what is counted waits in memory."""


async def test_a_flood_of_visitors_takes_no_more_memory_than_a_few() -> None:
    counter = VisitCounter(cast("Any", NoDatabase()), lambda: DAY)
    counter._salts = {DAY.date(): SALT}
    link = Subject(UUID(int=1), Kind.SHARE, UUID(int=2), merchant_id=UUID(int=3))
    counter.count(link, "first")
    gc.collect()
    tracemalloc.start()
    for visitor in range(20_000):
        counter.count(link, f"203.0.113.7 {visitor}")
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (counted,) = counter._pending.values()
    stored, visitors = sketch.united(None, counted.visitors)
    assert (counted.visits, len(counter._waiting)) == (20_001, 0)
    assert abs(visitors - 20_001) < 20_001 * 0.06
    assert len(stored) <= sketch.LARGEST
    assert grown < 100_000, f"{grown:,} bytes"
    await _forget(counter)


async def test_visits_of_too_many_things_at_once_are_lost_and_not_kept() -> None:
    counter = VisitCounter(cast("Any", NoDatabase()), lambda: DAY)
    for number in range(MOST_SUBJECTS + 5):
        counter.count(Subject(UUID(int=number), Kind.PAGE, UUID(int=2)), "203.0.113.7 Safari")
    assert (len(counter._pending), counter._lost) == (MOST_SUBJECTS, 5)
    await _forget(counter)


async def _forget(counter: VisitCounter) -> None:
    counter._pending.clear()
    assert counter._writing is not None
    counter._writing.cancel()
