"""What the last month would have been: the rules of delivery over what was told, and what was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chassis.ids import new_id
from services.notifications.delivery.choices import MAIL, PUSH, Choices, Timing
from services.notifications.delivery.deciding import LOCAL
from services.notifications.delivery.preview import Message, News, messages_of

UNTIL = datetime(2026, 11, 30, 23, tzinfo=UTC)


def at(local: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{local}").replace(tzinfo=LOCAL).astimezone(UTC)


def news(local: str, kind: str = "milestone", read: str | None = None) -> News:
    data = {"kind": "review", "threshold": 10}
    return News(new_id(), kind, data, at(local), at(read) if read else None)


def would_be(
    told: list[News], channel: str = MAIL, *, agreed: bool = True, **choices: object
) -> list[Message]:
    return messages_of(told, channel, Choices(**choices), agreed=agreed, until=UNTIL)  # type: ignore[arg-type]


def days(messages: list[Message]) -> list[str]:
    return [f"{each.due_at.astimezone(LOCAL):%d %H:%M} {len(each.items())}" for each in messages]


TOLD = [news(f"{day:02} {hour:02}:00") for day in (10, 12, 19) for hour in (9, 10, 13, 15)]


def test_a_month_is_as_long_as_it_is_asked_to_be() -> None:
    weekly = {"milestone": {MAIL: Timing.weekly}}
    assert days(would_be(TOLD, timings=weekly)) == ["16 08:00 8", "23 08:00 4"]
    assert days(would_be(TOLD, timings={"milestone": {MAIL: Timing.daily}}, digest_hour=18)) == [
        "10 18:00 4",
        "12 18:00 4",
        "19 18:00 4",
    ]
    # Three a day: the fourth waits for the next day's digest, which Armistice Day (a holiday) puts off.
    assert days(would_be(TOLD))[:5] == ["10 10:00 1", "10 11:00 1", "10 14:00 1", "12 08:00 1", "12 10:00 1"]
    assert len(would_be(TOLD, PUSH)) == len(would_be(TOLD))
    assert would_be(TOLD, agreed=False) == would_be(TOLD, timings={"milestone": {MAIL: Timing.never}}) == []


def test_what_was_read_first_goes_nowhere_and_counts_for_no_cap() -> None:
    told = [news("10 09:00", read="10 09:30"), news("10 11:00"), news("10 13:00", read="10 15:00")]
    assert days(would_be(told, most_a_day=2)) == ["10 12:00 1", "10 14:00 1"]
    security = [news("10 03:00", "account-changed", read="10 02:00")]
    assert days(would_be(security, agreed=False)) == ["10 03:00 1"]


def test_what_is_not_due_yet_is_no_part_of_it() -> None:
    late = [News(new_id(), "milestone", {}, UNTIL - timedelta(minutes=5), None)]
    assert would_be(late) == []
