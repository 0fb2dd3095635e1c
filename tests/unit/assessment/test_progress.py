"""Means have their interval, or there is not enough data; groups are shown where they can be told apart."""

from __future__ import annotations

from itertools import combinations
from random import Random
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.progress.domain import (
    LEAST_SHOPS,
    Changes,
    changes,
    mean_change,
    student,
    told_apart,
)
from services.assessment.progress.words import load

TABLE = {19: 2.0930, 29: 2.0452, 49: 2.0096, 99: 1.9842, 999: 1.9623}
"""Of Student's t, 97.5 %: as printed in any book of tables."""


@pytest.mark.parametrize("freedom", TABLE)
def test_students_quantile_is_that_of_the_tables(freedom: int) -> None:
    assert student(freedom) == pytest.approx(TABLE[freedom], abs=1e-4)


@given(st.lists(st.integers(-100, 100), min_size=LEAST_SHOPS, max_size=200))
def test_a_mean_change_has_students_interval(moved: list[int]) -> None:
    found = mean_change(changes(moved))
    assert found is not None
    half = student(len(moved) - 1) * stdev(moved) / len(moved) ** 0.5
    assert found.mean == pytest.approx(mean(moved), abs=0.051)
    assert found.low == pytest.approx(mean(moved) - half, abs=0.051)
    assert found.high == pytest.approx(mean(moved) + half, abs=0.051)


def test_nineteen_shops_are_not_enough_data() -> None:
    assert mean_change(changes([5] * 19)) is None
    assert mean_change(changes([5] * 20)) is not None


@given(st.lists(st.lists(st.integers(-100, 100), max_size=30), max_size=5))
def test_blocks_add_up_to_what_all_their_shops_are(blocks: list[list[int]]) -> None:
    together = Changes()
    for block in blocks:
        together += changes(block)
    assert together == changes(change for block in blocks for change in block)


@given(st.integers(5, 30), st.integers(0, 2**32))
def test_no_two_groups_of_a_block_differ_by_one_to_four_shops(shops: int, seed: int) -> None:
    chance = Random(seed)
    everybody = range(shops)
    groups = {name: [each for each in everybody if chance.random() < chance.random()] for name in "abcdefgh"}
    shown = [set[int](), {*everybody}, *({*groups[name]} for name in told_apart(everybody, groups))]
    for one, other in combinations(shown, 2):
        assert len(one ^ other) == 0 or len(one ^ other) >= 5


def test_the_larger_of_two_groups_that_cannot_be_told_apart_is_shown() -> None:
    groups = {"tool": range(8), "training": range(7), "action": range(10, 15), "few": range(3)}
    assert told_apart(range(20), groups) == ["tool", "action"]


def test_no_text_speaks_of_a_cause_but_to_deny_it() -> None:
    words = load()
    assert "nothing here says what caused" in words.caution.en
    assert words.not_enough.en.endswith(f"(fewer than {LEAST_SHOPS} shops)")
    for language in ("fr", "nl", "de"):
        assert str(LEAST_SHOPS) in words.not_enough.into(language)
