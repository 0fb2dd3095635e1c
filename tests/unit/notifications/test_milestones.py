"""Which thresholds a growing count reaches."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.milestones.domain import THRESHOLDS, crossed


def test_thresholds_are_close_at_first_then_three_per_decade() -> None:
    assert THRESHOLDS[:15] == (
        1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000,
    )  # fmt: skip


def test_a_leap_crosses_all_between() -> None:
    assert crossed(3, 30) == (5, 10, 25)


def test_standing_still_and_falling_cross_nothing() -> None:
    assert crossed(5, 5) == ()
    assert crossed(30, 3) == ()


@given(st.lists(st.integers(0, 20_000), min_size=1).map(sorted))
def test_small_steps_cross_what_one_leap_does(counts: list[int]) -> None:
    steps = [0, *counts]
    walked = [each for before, after in pairwise(steps) for each in crossed(before, after)]
    assert tuple(walked) == crossed(0, counts[-1])
