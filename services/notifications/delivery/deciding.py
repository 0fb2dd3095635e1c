"""When a piece of news goes out on a channel, and why: pure, with the chain of rules that decided.

Digests have the day they are due as their window. What is due on one day, daily or weekly or put off, is
one message. A window is made of local dates, not of hours: the hour that a clock change skips or repeats
gives one digest all the same (the moment after the gap, the first of the two).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays

from services.notifications.delivery.choices import Choices, Timing
from services.notifications.feed.kinds import Standing, kind_of

LOCAL = ZoneInfo("Europe/Brussels")
_FURTHEST = 400
"""Days to look ahead: with at least one message a day, and a few holidays, one is always free before."""

SentOn = Callable[[date, str], int]
"""How many messages go out (or went) to the recipient on the channel that day, without those of a window."""


class Decision(NamedTuple):
    """`due_at` and `window` are None for what stays in the feed alone."""

    due_at: datetime | None
    window: str | None
    rules: tuple[str, ...]
    """Codes, in the order in which they decided: `default:weekly`, `quiet-hours`, `most-a-day:3`."""


def decide(
    notification: UUID,
    kind: str,
    channel: str,
    *,
    choices: Choices,
    agreed: bool,
    now: datetime,
    sent: SentOn,
) -> Decision:
    """When that goes out, as things are now."""
    policy = kind_of(kind)
    at_once = f"notice:{notification}"
    if policy.standing is Standing.binding:
        return Decision(now, at_once, ("binding",))
    if not agreed:
        return Decision(None, None, ("not-agreed",))
    chosen = choices.timings.get(kind, {}).get(channel)
    timing = chosen or policy.defaults.get(channel, Timing.never)
    rules: tuple[str, ...] = (f"chosen:{timing}" if chosen else f"default:{timing}",)
    if timing is Timing.never:
        return Decision(None, None, rules)
    if timing is not Timing.at_once:
        return _digest(choices, now, rules, weekly=timing is Timing.weekly, sent=sent)
    patience = choices.patience(channel)
    if patience:
        rules += (f"unread-for:{choices.unread_for}",)
    due, held = held_until(choices, now + patience)
    if sent(due.astimezone(LOCAL).date(), at_once) >= choices.most_a_day:
        rules += (*held, f"most-a-day:{choices.most_a_day}")
        return _digest(choices, due, rules, weekly=False, sent=sent)
    return Decision(due, at_once, rules + held)


def held_until(choices: Choices, moment: datetime) -> tuple[datetime, tuple[str, ...]]:
    """The first moment from then on at which something may go out, and what put it off."""
    rules: list[str] = []
    local = moment.astimezone(LOCAL)
    for _ in range(_FURTHEST):
        if not choices.holidays and is_holiday(local.date()):
            rules.append("holiday")
            local = _at(local.date() + timedelta(days=1), 0)
        elif choices.is_quiet(local.hour):
            rules.append("quiet-hours")
            assert choices.quiet_to is not None
            is_over_midnight = local.hour >= choices.quiet_to
            local = _at(local.date() + timedelta(days=is_over_midnight), choices.quiet_to)
        else:
            break
    return (local.astimezone(UTC) if rules else moment), tuple(dict.fromkeys(rules))


def later_digest(choices: Choices, window: str, sent: SentOn) -> Decision:
    """The digest after that window, for what came when it was closed."""
    day = date.fromisoformat(window.removeprefix("digest:"))
    after = _at(day, choices.digest_hour)
    return _digest(choices, after, ("window-closed",), weekly=False, sent=sent)


def _digest(
    choices: Choices, after: datetime, rules: tuple[str, ...], *, weekly: bool, sent: SentOn
) -> Decision:
    first = after.astimezone(LOCAL).date()
    is_reached = not weekly
    for days in range(_FURTHEST):
        day = first + timedelta(days=days)
        due = _at(day, choices.digest_hour).astimezone(UTC)
        if due <= after:
            continue
        is_reached = is_reached or day.isoweekday() == choices.digest_day
        if not is_reached:
            continue
        window = f"digest:{day}"
        if not choices.holidays and is_holiday(day):
            rules += ("holiday",) if "holiday" not in rules else ()
        elif sent(day, window) >= choices.most_a_day:
            cap = f"most-a-day:{choices.most_a_day}"
            rules += (cap,) if cap not in rules else ()
        else:
            return Decision(due, window, rules)
    raise AssertionError("a day without messages is always found")


def _at(day: date, hour: int) -> datetime:
    """That hour on Belgian clocks: for one that is skipped the moment after the gap, of two the first."""
    moment = datetime.combine(day, time(hour), LOCAL)
    return moment.astimezone(UTC).astimezone(LOCAL)


@cache
def _holidays_of(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("BE", years=year))


def is_holiday(day: date) -> bool:
    """Whether that is a public holiday of Belgium."""
    return day in _holidays_of(day.year)
