"""When news goes out: what was chosen, quiet hours, holidays, caps, and clocks that are changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from chassis.ids import new_id
from services.notifications.delivery.choices import MAIL, Choices, Timing
from services.notifications.delivery.deciding import (
    LOCAL,
    Decision,
    decide,
    held_until,
    is_holiday,
    later_digest,
)
from services.notifications.delivery.queue import Item
from services.notifications.feed.kinds import KINDS, Kind, Standing, newest_by, summed
from services.notifications.mails import digest

NOTICE = UUID(int=7)


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=LOCAL).astimezone(UTC)


def nothing_else(_day: date, _window: str) -> int:
    return 0


def decided(
    kind: str, now: str, *, agreed: bool = True, sent: int = 0, **choices: object
) -> tuple[str | None, tuple[str, ...]]:
    chosen = Choices(**choices)  # type: ignore[arg-type]
    decision = decide(
        NOTICE, kind, MAIL, choices=chosen, agreed=agreed, now=at(now), sent=lambda *_: sent * (sent < 9)
    )
    due = None if decision.due_at is None else f"{decision.due_at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    return due, decision.rules


@pytest.mark.parametrize(
    ("now", "due", "rules"),
    [
        # Thursday; an hour in the feed first.
        ("2026-11-26 10:00", "2026-11-26 11:00", ("default:at-once", "unread-for:60")),
        ("2026-11-26 19:30", "2026-11-27 08:00", ("default:at-once", "unread-for:60", "quiet-hours")),
        ("2026-11-26 02:00", "2026-11-26 08:00", ("default:at-once", "unread-for:60", "quiet-hours")),
        # Christmas is a Friday.
        ("2026-12-24 22:00", "2026-12-26 08:00",
         ("default:at-once", "unread-for:60", "quiet-hours", "holiday")),
    ],
)  # fmt: skip
def test_what_goes_at_once_waits_for_the_morning_and_for_the_end_of_a_holiday(
    now: str, due: str, rules: tuple[str, ...]
) -> None:
    assert decided("milestone", now) == (due, rules)


SECURITY = {"account-changed", "claim-disputed"}
"""Whether an account is still its owner's: whoever never agreed to mails would learn it too late."""
LAW = {"held", "decision", "report-decided", "appeal-decided"}
"""Digital Services Act, articles 16 (5), 17 and 20 (5)."""


def test_only_what_is_binding_passes_by_and_says_so() -> None:
    night = "2026-12-25 03:00"
    for kind in SECURITY | LAW:
        assert decided(kind, night, agreed=False, sent=3) == (night, ("binding",))
    passing = {name for name, kind in KINDS.items() if kind.standing is Standing.binding}
    assert passing == SECURITY | LAW
    assert decided("milestone", night, agreed=False) == (None, ("not-agreed",))
    never = {"milestone": {MAIL: Timing.never}}
    assert decided("milestone", night, timings=never) == (None, ("chosen:never",))


def test_digests_come_on_the_day_and_at_the_hour_that_were_chosen() -> None:
    weekly = {"milestone": {MAIL: Timing.weekly}}
    daily = {"milestone": {MAIL: Timing.daily}}
    assert decided("milestone", "2026-11-26 10:00", timings=weekly, digest_day=5, digest_hour=9)[0] == (
        "2026-11-27 09:00"
    )
    assert decided("milestone", "2026-11-26 08:00", timings=daily)[0] == "2026-11-27 08:00"
    assert decided("milestone", "2026-11-26 07:59", timings=daily)[0] == "2026-11-26 08:00"
    # Easter Monday: the first day after it.
    assert decided("milestone", "2026-04-03 10:00", timings=weekly) == (
        "2026-04-07 08:00", ("chosen:weekly", "holiday"),
    )  # fmt: skip


def test_what_is_more_than_the_cap_waits_for_a_day_that_has_room() -> None:
    full = {date(2026, 11, 26): 3, date(2026, 11, 27): 3}

    def sent(day: date, window: str) -> int:
        return full.get(day, 0)

    decision = decide(
        NOTICE, "milestone", MAIL, choices=Choices(), agreed=True, now=at("2026-11-26 10:00"), sent=sent
    )
    assert decision == Decision(
        at("2026-11-28 08:00"), "digest:2026-11-28", ("default:at-once", "unread-for:60", "most-a-day:3")
    )


def test_forty_are_told_as_forty_and_not_four_times_as_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"photos": Kind(merge=summed("count", "kind")), "milestone": Kind(merge=newest_by("kind"))}
    monkeypatch.setattr(digest, "kind_of", kinds.__getitem__)
    items = [
        *(Item(new_id(), "photos", {"kind": "photo", "count": 10}) for _ in range(3)),
        *(Item(new_id(), "milestone", {"kind": "review", "threshold": each}) for each in (10, 25, 50)),
        Item(new_id(), "photos", {"kind": "photo", "count": 10}),
    ]
    assert [(each.kind, each.data) for each in digest.merged(tuple(items))] == [
        ("photos", {"kind": "photo", "count": 40}),
        ("milestone", {"kind": "review", "threshold": 50}),
    ]


class Town:
    """One recipient whose service runs, stands still, and whose clock is sometimes wrong."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.due: dict[str, datetime] = {}
        self.holds: defaultdict[str, list[int]] = defaultdict(list)
        self.sent: dict[str, tuple[datetime, list[int]]] = {}

    def planned(self, day: date, window: str) -> int:
        times = {**self.due, **{each: when for each, (when, _) in self.sent.items()}}
        return sum(when.astimezone(LOCAL).date() == day for other, when in times.items() if other != window)

    def tell(self, number: int, kind: str, now: datetime) -> None:
        decision = decide(
            UUID(int=number), kind, MAIL,
            choices=self.choices, agreed=True, now=now, sent=self.planned,
        )  # fmt: skip
        while decision.window in self.sent:
            assert decision.window is not None
            decision = later_digest(self.choices, decision.window, self.planned)
        assert decision.window is not None
        assert decision.due_at is not None
        self.due.setdefault(decision.window, decision.due_at)
        self.holds[decision.window].append(number)

    def send(self, now: datetime) -> None:
        for window in [each for each, due in self.due.items() if due <= now]:
            later, rules = held_until(self.choices, now)
            if rules:
                self.due[window] = later
            else:
                del self.due[window]
                self.sent[window] = (now, self.holds.pop(window))


@pytest.mark.parametrize("seed", range(6))
def test_in_simulated_years_no_digest_is_skipped_or_sent_twice_and_nothing_is_lost(seed: int) -> None:
    """Clock changes, holidays, nights without service over the due hour, and clocks that step back."""
    chance = Random(seed)
    timings = {"milestone": {MAIL: Timing.daily}, "first": {MAIL: Timing.weekly}}
    choices = Choices(
        timings=timings, digest_hour=(8, 2)[seed % 2], digest_day=1 + seed,
        quiet_from=(20, None)[seed % 2], quiet_to=(8, None)[seed % 2], most_a_day=1 + seed % 3,
    )  # fmt: skip
    town, now, number = Town(choices), at("2026-01-01 00:00"), 0
    told: dict[int, datetime] = {}
    away_until = now
    while now < at("2029-01-01 00:00"):
        step = timedelta(minutes=chance.choice((20, 40, 60)))
        if chance.random() < 0.002:
            now -= timedelta(hours=chance.choice((1, 3)))  # somebody set the clock back
        now += step
        if chance.random() < 0.003:
            away_until = now + timedelta(hours=chance.choice((2, 9, 30)))
        if now < away_until:
            continue
        if chance.random() < 0.05:
            number += 1
            told[number] = now
            town.tell(number, chance.choice(("milestone", "first", "campaign-begins")), now)
        town.send(now)
    end = now
    town.send(at("2029-03-01 12:00"))

    arrived = Counter(each for _, numbers in town.sent.values() for each in numbers)
    assert arrived == Counter(told.keys()), "each piece of news arrived, and once"
    for window, (when, numbers) in town.sent.items():
        if when <= end:
            local = when.astimezone(LOCAL)
            assert not is_holiday(local.date()), window
            assert not choices.is_quiet(local.hour), window
            # A week, and a little more where days were full, holidays, or without service.
            assert all(when - told[each] < timedelta(days=16) for each in numbers), window


@pytest.mark.parametrize(
    ("day", "due"),
    [("2026-03-29", "2026-03-29T01:00:00+00:00"), ("2026-10-25", "2026-10-25T00:00:00+00:00")],
)
def test_an_hour_that_is_skipped_or_comes_twice_gives_one_digest(day: str, due: str) -> None:
    """02:00 does not exist on the one Sunday, and exists twice on the other."""
    choices = Choices(
        timings={"milestone": {MAIL: Timing.daily}}, digest_hour=2, quiet_from=None, quiet_to=None
    )

    def next_after(now: datetime) -> Decision:
        return decide(NOTICE, "milestone", MAIL, choices=choices, agreed=True, now=now, sent=nothing_else)

    first = next_after(at(f"{day} 00:30"))
    assert (first.due_at, first.window) == (datetime.fromisoformat(due), f"digest:{day}")
    for minutes in (0, 30, 61, 90, 125):
        now = datetime.fromisoformat(due) + timedelta(minutes=minutes)
        assert next_after(now).window == f"digest:{date.fromisoformat(day) + timedelta(days=1)}"


def test_who_is_an_officer_of_a_city_and_of_its_deputy_reads_the_newest_of_both() -> None:
    queue, appeals = {"city_id": "a", "held": 1}, {"city_id": "a", "deputy_city_id": "b", "appeals": 1}
    newest = queue | {"held": 2}
    assert KINDS["queue-waiting"].merge([queue, appeals, newest]) == [newest, appeals]
