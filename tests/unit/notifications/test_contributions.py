"""Any order of delivery gives the same rows and figures."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.received import Received
from contracts.campaigns.v1 import AmbassadorPhotoPosted, MerchantFollowed, MerchantUnfollowed
from contracts.envelope import Event, Fact
from services.notifications.contributions.domain import (
    Contribution,
    Figure,
    Key,
    deltas,
    gather,
    local_day,
    merge,
)
from services.notifications.contributions.facts import contributions_in

CITY = UUID(int=1)


def posted(number: int, merchant: int = 1, kind: str = "review", day: int = 1) -> Contribution:
    return Contribution(
        UUID(int=merchant), UUID(int=number), CITY, kind, date(2026, 11, day), withdrawn=False
    )


def withdrawn(number: int, merchant: int = 1, kind: str = "review") -> Contribution:
    return Contribution(UUID(int=merchant), UUID(int=number), CITY, kind, None, withdrawn=True)


def restood(number: int, version: int, merchant: int = 1, kind: str = "review") -> Contribution:
    """What is told of the standing of that version: away with the even ones, back with the odd."""
    about = (UUID(int=merchant), UUID(int=number), CITY, kind, None)
    return Contribution(*about, withdrawn=False, standing_version=version, removed=version % 2 == 0)


class Ledger:
    """What a register and its counters hold, in memory."""

    def __init__(self) -> None:
        self.rows: dict[Key, Contribution] = {}
        self.figures: Counter[Figure] = Counter()

    def settle(self, batch: list[Contribution]) -> None:
        seen = gather(batch)
        before = {c.key: self.rows[c.key] for c in seen if c.key in self.rows}
        merged = [merge(before[c.key], c) if c.key in before else c for c in seen]
        for figure, change in deltas(before, merged):
            self.figures[figure] += change
            assert self.figures[figure] >= 0
        self.rows |= {c.key: c for c in merged}

    def state(self) -> tuple[dict[Key, Contribution], dict[Figure, int]]:
        return self.rows, {figure: count for figure, count in self.figures.items() if count}


@st.composite
def histories(draw: st.DrawFn) -> list[Contribution]:
    facts = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        merchant, kind = draw(st.integers(1, 3)), draw(st.sampled_from(["review", "share"]))
        facts.append(posted(number, merchant, kind, draw(st.integers(1, 3))))
        if draw(st.booleans()):
            facts.append(withdrawn(number, merchant, kind))
        newest = draw(st.integers(1, 5))
        facts += [restood(number, version, merchant, kind) for version in range(2, newest + 1)]
    return facts


def in_batches(facts: list[Contribution], cuts: list[int]) -> Ledger:
    ledger, start = Ledger(), 0
    for cut in [*sorted(cuts), len(facts)]:
        ledger.settle(facts[start:cut])
        start = max(start, cut)
    return ledger


@given(st.data())
def test_shuffles_redeliveries_and_batches_change_nothing(data: st.DataObject) -> None:
    facts = data.draw(histories())
    again = data.draw(st.lists(st.sampled_from(facts), max_size=5))
    shuffled = data.draw(st.permutations(facts + again))
    cuts = data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4))
    straight, mixed = in_batches(facts, []), in_batches(list(shuffled), cuts)
    assert mixed.state() == straight.state()
    newest = {c.contribution_id: c.removed for c in sorted(facts, key=lambda c: c.standing_version)}
    withdrawals = {c.contribution_id for c in facts if c.withdrawn}
    standing = {each for each, removed in newest.items() if not removed} - withdrawals
    assert sum(mixed.figures.values()) == len(standing)


def test_a_withdrawal_that_comes_first_leaves_a_tombstone() -> None:
    ledger = Ledger()
    ledger.settle([withdrawn(1)])
    ledger.settle([posted(1)])
    assert sum(ledger.figures.values()) == 0


def test_a_withdrawal_lowers_the_day_it_was_posted_on() -> None:
    ledger = Ledger()
    ledger.settle([posted(1, day=3), posted(2, day=4)])
    ledger.settle([withdrawn(1)])
    assert {figure.day.day: count for figure, count in ledger.state()[1].items()} == {4: 1}


def test_what_was_removed_counts_again_once_it_is_reinstated_on_its_day() -> None:
    ledger = Ledger()
    ledger.settle([posted(1, day=3)])
    ledger.settle([restood(1, 2)])
    assert not ledger.state()[1]
    ledger.settle([restood(1, 3)])
    ledger.settle([restood(1, 2)])
    assert {figure.day.day: count for figure, count in ledger.state()[1].items()} == {3: 1}


def test_a_removal_that_comes_first_leaves_a_tombstone() -> None:
    ledger = Ledger()
    ledger.settle([restood(1, 2)])
    ledger.settle([posted(1)])
    assert sum(ledger.figures.values()) == 0


def test_figures_change_in_key_order() -> None:
    changes = deltas({}, gather([posted(4, 3), posted(3, 1, "share"), posted(2, 1), posted(1, 2)]))
    assert [figure[:3] for figure, _ in changes] == sorted(figure[:3] for figure, _ in changes)


def test_late_evening_belongs_to_the_local_day() -> None:
    assert local_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert local_day(datetime(2026, 12, 31, 22, 30, tzinfo=UTC)) == date(2026, 12, 31)


@given(st.permutations(range(7)), st.lists(st.integers(0, 7), max_size=3))
def test_followers_are_those_at_present_and_photos_a_kind_of_their_own(
    order: list[int], cuts: list[int]
) -> None:
    city, merchant, person = CITY, UUID(int=2), UUID(int=3)
    follows = [
        MerchantFollowed(city_id=city, following_id=UUID(int=n), merchant_id=merchant, contributor_id=person)
        for n in (11, 12, 13)
    ]
    leaves = [
        MerchantUnfollowed(city_id=city, following_id=UUID(int=n), merchant_id=merchant) for n in (11, 12)
    ]
    photos = [
        AmbassadorPhotoPosted(
            city_id=city, contribution_id=UUID(int=n), merchant_id=merchant, contributor_id=person
        )
        for n in (21, 22)
    ]
    told: list[Fact] = [*follows, *leaves, *photos]
    events = [Event.of(told[n], datetime(2026, 11, 1, 12, tzinfo=UTC)) for n in order]
    seen = [each for event in events for each in contributions_in([_received(event)])]
    _, figures = in_batches(seen, cuts).state()
    assert {figure.kind: count for figure, count in figures.items()} == {"follow": 1, "photo": 2}


def _received(event: Event[Fact]) -> Received[Fact]:
    return Received(event.id, event.time, event.fact, replayed=False, traceparent=None, message=None)  # type: ignore[arg-type]
