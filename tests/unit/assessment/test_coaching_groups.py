"""Groups proposed from those who wait: as many placed as can be, on few half-days, five at most."""

from __future__ import annotations

import time
from itertools import combinations, product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.coaching.domain.proposing import (
    HALF_DAYS,
    MOST_ASKS,
    MOST_IN_A_GROUP,
    Ask,
    HalfDay,
    best_groups,
)


def ask(
    number: int,
    *half_days: HalfDay,
    dimension: str = "visibility",
    language: str = "fr",
    place: tuple[float, float] | None = (5.6, 49.7),
    shop: int | None = None,
) -> Ask:
    merchant = UUID(int=10_000 + (number if shop is None else shop))
    return Ask(UUID(int=number), merchant, dimension, language, frozenset(half_days), place)


def numbers(asks: list[Ask]) -> list[list[int]]:
    return [[each.request_id.int for each in group.asks] for group in best_groups(asks)]


some_asks = st.lists(
    st.tuples(
        st.sets(st.sampled_from(HALF_DAYS[:4]), max_size=3),
        st.sampled_from(["visibility", "social"]),
        st.sampled_from(["fr", "de"]),
        st.tuples(st.floats(5.5, 5.8), st.floats(49.6, 49.8)) | st.none(),
        st.integers(0, 40),
    ),
    max_size=30,
)


@pytest.mark.slow
@given(some_asks)
def test_whatever_is_asked_a_group_is_of_two_to_five_that_fit(drawn: list[tuple[object, ...]]) -> None:
    asks = [
        ask(number, *days, dimension=dimension, language=language, place=place, shop=shop)  # type: ignore[arg-type, misc]
        for number, (days, dimension, language, place, shop) in enumerate(drawn)
    ]
    groups = best_groups(asks)
    shops = [each.merchant_id for group in groups for each in group.asks]
    assert len(shops) == len(set(shops)), "a shop is in one group at most"
    for group in groups:
        assert 2 <= len(group.asks) <= MOST_IN_A_GROUP
        assert all(group.half_day in each.half_days for each in group.asks)
        assert {(each.dimension, each.language) for each in group.asks} == {(group.dimension, group.language)}
    assert best_groups(asks) == groups


def most_that_can_be_placed(asks: list[Ask]) -> tuple[int, int]:
    """By trying everything: how many, and on how few half-days."""
    best = (0, 0)
    for choice in product(*([*sorted(each.half_days), None] for each in asks)):
        used = {day: choice.count(day) for day in choice if day is not None}
        if all(count >= 2 for count in used.values()):
            best = max(best, (sum(used.values()), -len(used)))
    return best


@pytest.mark.parametrize("seed", range(60))
def test_no_other_choice_places_more_or_needs_fewer_half_days(seed: int) -> None:
    chance = Random(seed)
    asks = [
        ask(number, *chance.sample(HALF_DAYS[:5], chance.randint(0, 3)))
        for number in range(chance.randint(2, 7))
    ]
    groups = best_groups(asks)
    found = (sum(len(group.asks) for group in groups), -len({group.half_day for group in groups}))
    assert found == most_that_can_be_placed(asks)


def test_whoever_would_stay_alone_moves_somebody_who_can() -> None:
    """Two half-days with two each, though most have time on the first."""
    asks = [
        ask(1, "mon-am"),
        ask(2, "mon-am", "tue-pm"),
        ask(3, "mon-am", "tue-pm"),
        ask(4, "tue-pm"),
        ask(5, "mon-am"),
    ]
    assert sorted(number for group in numbers(asks) for number in group) == [1, 2, 3, 4, 5]


def test_eleven_are_three_groups_of_those_near_each_other() -> None:
    here = [ask(number, "mon-am", place=(5.60 + number / 10_000, 49.7)) for number in range(1, 6)]
    there = [ask(number, "mon-am", place=(5.80 + number / 10_000, 49.7)) for number in range(6, 12)]
    groups = numbers([*here, *there])
    assert sorted(map(len, groups)) == [3, 4, 4]
    assert groups[0] == [1, 2, 3, 4]


def test_languages_and_weak_dimensions_are_not_mixed() -> None:
    asks = [
        ask(1, "mon-am"),
        ask(2, "mon-am", language="de"),
        ask(3, "mon-am", dimension="social"),
        ask(4, "mon-am"),
    ]
    assert numbers(asks) == [[1, 4]]


def test_a_shop_with_two_wishes_is_in_one_group() -> None:
    asks = [ask(1, "mon-am", shop=7), ask(2, "mon-am", shop=7), ask(3, "mon-am")]
    assert numbers(asks) == [[1, 3]]


def test_who_did_not_say_when_and_who_is_alone_are_left_to_the_telephone() -> None:
    assert numbers([ask(1), ask(2), ask(3, "fri-pm")]) == []


@pytest.mark.slow
def test_it_ends_soon_with_as_many_as_there_can_be() -> None:
    chance = Random(1)
    few = [ask(number, *pair) for number, pair in enumerate(combinations(HALF_DAYS, 2))]
    many = [ask(number, *chance.sample(HALF_DAYS, 3)) for number in range(MOST_ASKS)]
    one_each = [ask(number, day) for number, day in enumerate(HALF_DAYS)]
    for asks in (few, many, one_each):
        begun = time.perf_counter()
        best_groups(asks)
        assert time.perf_counter() - begun < 10
