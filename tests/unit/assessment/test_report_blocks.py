"""No report, and no difference of two, is about one to four persons; in none of its tables, at no time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.assessment.reports.domain.blocks import (
    figures_of,
    is_shown,
    left_over,
    may_leave,
    shown_kinds,
    waiting,
)
from services.assessment.reports.domain.figures import OTHER, Attempt, Figures
from tests.unit.assessment.attempts import BASIS, KINDS, MAPPED, identity, ids, populations, simple

Groups = dict[tuple[str, str], frozenset[UUID]]
"""Whom each figure of a report is about."""


class Block:
    """A published one, with who is in it."""

    def __init__(self, attempts: list[Attempt]) -> None:
        self.attempts = attempts
        self.shown_as = shown_kinds(attempts)
        self.figures = figures_of(attempts, BASIS, self.shown_as)

    def left_by(self, gone: set[UUID]) -> None:
        sizes, leavers = self._sizes(self.attempts), self._sizes(e for e in self.attempts if e.id in gone)
        if may_leave(sizes, leavers):
            self.attempts = [each for each in self.attempts if each.id not in gone]
            now = figures_of(self.attempts, BASIS, self.shown_as) if self.attempts else {}
            self.figures = left_over(self.figures, now)

    def _sizes(self, attempts: Iterable[Attempt]) -> dict[str, int]:
        sizes: dict[str, int] = defaultdict(int)
        for each in attempts:
            sizes[self.shown_as[each.id]] += 1
        return sizes

    def groups(self, basis: str) -> Groups:
        if basis not in self.figures:
            return {}
        kinds: dict[tuple[str, str], frozenset[UUID]] = defaultdict(frozenset)
        for each in self.attempts:
            kinds["kind", self.shown_as[each.id]] |= {each.id}
        for dimension, (answered, _) in self.figures[basis].of("dimension").items():
            who = {each.id for each in self.attempts if dimension in each.scored[basis].dimensions}
            assert len(who) == answered
            # By another basis it is another dimension, of other questions: the two cannot be subtracted.
            kinds[f"dimension of {basis}", dimension] = frozenset(who)
        return {**kinds, ("all", ""): frozenset(ids(self.attempts))}


def report(blocks: Iterable[Block], basis: str) -> Groups:
    together: dict[tuple[str, str], frozenset[UUID]] = defaultdict(frozenset)
    for block in blocks:
        for group, persons in block.groups(basis).items():
            together[group] |= persons
    return together


def assert_apart(one: Groups, other: Groups) -> None:
    for group in one.keys() | other.keys():
        assert is_shown(len(one.get(group, frozenset()) ^ other.get(group, frozenset()))), group


def closed(attempts: list[Attempt], blocks: list[Block]) -> list[Block]:
    """What happens whenever a unit is looked at."""
    wait = waiting(attempts, {each.id for block in blocks for each in block.attempts})
    return [*blocks, Block(wait)] if len(wait) >= 5 else blocks


@given(st.data())
def test_the_difference_of_any_two_reports_is_never_a_group_of_one_to_four(data: st.DataObject) -> None:
    units = [data.draw(populations(1_000 * number, 30)) for number in range(3)]
    blocks = [closed(unit, []) for unit in units]
    reports = [
        report((block for unit in chosen for block in unit), basis)
        for basis in (BASIS, MAPPED)
        for size in range(len(units) + 1)
        for chosen in combinations(blocks, size)
    ]
    for one, other in combinations(reports, 2):
        assert_apart(one, other)


@given(st.data())
def test_nor_is_what_changes_in_a_report_from_one_day_to_another(data: st.DataObject) -> None:
    unit = data.draw(populations(0, 40))
    blocks = closed(unit, [])
    reports = [[report(blocks, basis)] for basis in (BASIS, MAPPED)]
    gone: set[UUID] = set()
    for step in range(1, 4):
        chance = Random(data.draw(st.integers(0, 2**32)))
        gone |= {each for each in sorted(ids(unit)) if chance.random() < 0.4}
        for block in blocks:
            block.left_by(gone)
        late = data.draw(populations(1_000 * step, 12))
        unit = [each for each in unit if each.id not in gone] + late
        blocks = closed(unit, blocks)
        for known, basis in zip(reports, (BASIS, MAPPED), strict=True):
            known.append(report(blocks, basis))
    for known in reports:
        for one, other in combinations(known, 2):
            assert_apart(one, other)


@given(populations(most=60))
def test_kinds_that_are_too_small_are_folded_and_everybody_is_shown_under_one(
    attempts: list[Attempt],
) -> None:
    shown = shown_kinds(attempts)
    assert shown.keys() == ids(attempts)
    for each in attempts:
        assert shown[each.id] in {each.kind, OTHER}
    if len(attempts) >= 5:
        for kind in KINDS:
            assert is_shown([*shown.values()].count(kind))


def test_the_smallest_shown_kind_keeps_the_rest_company() -> None:
    attempts = [simple(n, "shop=bakery") for n in range(7)]
    attempts += [simple(10 + n, "shop=butcher") for n in range(5)]
    attempts += [simple(20, "shop=florist")]
    shown = [*shown_kinds(attempts).values()]
    assert (shown.count("shop=bakery"), shown.count(OTHER)) == (7, 6)


def test_kinds_of_five_are_shown_where_nobody_is_left_over() -> None:
    attempts = [simple(n, kind) for n in range(5) for kind in ("shop=bakery",)]
    assert {*shown_kinds(attempts).values()} == {"shop=bakery"}


def test_a_shop_waits_once_with_its_latest_and_not_beside_one_that_counts_already() -> None:
    shop, other = identity(500), identity(501)
    attempts = [
        simple(1, merchant_id=shop),
        simple(2, merchant_id=shop),
        simple(3, merchant_id=other),
        simple(4, merchant_id=None),
        simple(5, merchant_id=None),
    ]
    assert ids(waiting(attempts, set())) == {identity(number) for number in (2, 3, 4, 5)}
    assert ids(waiting(attempts, {identity(3)})) == {identity(number) for number in (2, 4, 5)}
    assert ids(waiting(attempts, {identity(1)})) == {identity(number) for number in (3, 4, 5)}


def test_leavers_wait_until_they_are_five_of_each_kind_and_leave_five_or_nobody() -> None:
    shown = {"shop=bakery": 10, OTHER: 6}
    assert not may_leave(shown, {})
    assert not may_leave(shown, {"shop=bakery": 4})
    assert may_leave(shown, {"shop=bakery": 5})
    assert not may_leave(shown, {"shop=bakery": 6}), "four would be left"
    assert not may_leave(shown, {"shop=bakery": 5, OTHER: 1})
    assert may_leave(shown, {"shop=bakery": 10, OTHER: 6})


def test_a_mapping_counts_a_whole_block_or_none_of_it() -> None:
    everybody = [simple(number) for number in range(6)]
    assert {*figures_of(everybody, BASIS, shown_kinds(everybody))} == {BASIS}


@given(st.lists(populations(most=10), max_size=4))
def test_figures_are_added_in_any_order_and_taken_away_again(groups: list[list[Attempt]]) -> None:
    made = [figures_of(group, BASIS, shown_kinds(group))[BASIS] for group in groups if group]
    forwards, backwards = Figures(), Figures()
    for each in made:
        forwards += each
    for each in reversed(made):
        backwards += each
    assert forwards == backwards
    assert forwards.participants == sum(map(len, groups))
    for each in made:
        forwards -= each
    assert forwards == Figures()
    assert [Figures.from_json(each.as_json()) for each in made] == made  # type: ignore[arg-type]
