"""The effect of a campaign, where it is known; and against an independent implementation."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from bench.study import (
    DISTRICTS,
    SHOPS,
    TRUE_EFFECT,
    Design,
    by_regression,
    by_welch,
    estimated,
    holds_the_truth,
    panels,
)
from services.campaigns.study.domain.assignments import smallest_p, sums_of_the_treated
from services.campaigns.study.domain.effect import (
    TooFewUnits,
    can_be_tested,
    effect,
    placebo,
    units_needed,
)

SIMULATED = 40
"""`python -m bench study` simulates 1,000 of each design."""


@pytest.mark.parametrize("design", [DISTRICTS, Design("20 shops", 20, 8, weeks=4)])
def test_the_interval_holds_the_true_effect_as_often_as_it_says(design: Design) -> None:
    held = sum(holds_the_truth(estimated(each)) for each in panels(design, SIMULATED, TRUE_EFFECT))
    expected, spread = 0.95 * SIMULATED, (SIMULATED * 0.95 * 0.05) ** 0.5
    assert abs(held - expected) <= NormalDist().inv_cdf(0.998) * spread


def test_no_effect_is_rarely_taken_for_one() -> None:
    alarms = sum(estimated(each).p <= 0.05 for each in panels(DISTRICTS, SIMULATED, 0.0))
    assert alarms <= 6


def test_the_estimate_is_that_of_a_regression_on_units_and_weeks() -> None:
    for of in (
        *panels(Design("20 shops", 20, 8, weeks=4), 2, TRUE_EFFECT),
        *panels(DISTRICTS, 2, TRUE_EFFECT),
    ):
        assert estimated(of).estimate == pytest.approx(by_regression(of), abs=1e-9)


def test_with_many_units_the_interval_is_that_of_welchs_t() -> None:
    for of in panels(Design("400 shops", 400, 150), 3, TRUE_EFFECT):
        found, (low, high) = estimated(of), by_welch(of)
        assert (found.lowest, found.highest) == pytest.approx((low, high), abs=0.06 * (high - low))


def test_interval_and_test_say_the_same() -> None:
    for of in panels(DISTRICTS, 20, 0.8):
        found = estimated(of)
        assert (found.p > 0.05) == (found.lowest < 0 < found.highest)
        assert found.lowest < found.estimate < found.highest


def test_the_same_data_give_the_same_answer() -> None:
    of = next(panels(SHOPS, 1, TRUE_EFFECT))
    assert estimated(of) == estimated(of)


def test_what_the_shops_would_have_had_follows_those_outside() -> None:
    before = np.array([[2.0, 2.0], [4.0, 4.0], [1.0, 1.0], [3.0, 3.0], [2.0, 2.0], [5.0, 5.0], [1.0, 1.0]])
    treated = np.array([True, True, True, False, False, False, False])
    after = before + np.where(treated, 3.0, 1.0)[:, np.newaxis]
    found = effect(before, after, treated)
    assert (found.estimate, found.expected) == pytest.approx((2.0, 10 / 3))
    assert found.p == pytest.approx(1 / 35)


def test_a_placebo_run_sees_groups_that_parted_before() -> None:
    of = next(panels(SHOPS, 1, 0.0))
    assert placebo(of.before, of.treated).p > 0.05
    parting = of.before.copy()
    parting[of.treated, 4:] += 4
    assert placebo(parting, of.treated).p <= 0.05
    with pytest.raises(ValueError, match="two weeks"):
        placebo(of.before[:, :1], of.treated)


@pytest.mark.parametrize(
    ("treated", "others", "possible"),
    [(1, 40, False), (40, 1, False), (3, 3, False), (2, 4, False), (3, 4, True), (4, 4, True), (2, 6, True)],
)
def test_groups_that_could_never_show_anything_are_known_beforehand(
    treated: int, others: int, possible: bool
) -> None:
    assert can_be_tested(treated, others) is possible
    if not possible:
        weeks = np.ones((treated + others, 2))
        with pytest.raises(TooFewUnits):
            effect(weeks, weeks, np.arange(treated + others) < treated)


def test_all_assignments_are_gone_through_where_they_are_few() -> None:
    treated = np.array([False, True, True, False, False])
    sums = sums_of_the_treated(np.array([[1.0], [2.0], [4.0], [8.0], [16.0]]), treated)[:, 0]
    assert sums[0] == 6
    assert sorted(sums) == [3, 5, 6, 9, 10, 12, 17, 18, 20, 24]
    assert smallest_p(5, 2) == 0.1
    assert smallest_p(6, 3) == 0.1  # its mirror image lies as far out


def test_counts_that_never_move_show_no_effect() -> None:
    still = np.zeros((9, 4))
    found = effect(still, still, np.arange(9) < 4)
    assert (found.estimate, found.p) == (0, 1)
    assert -1e-6 < found.lowest <= 0 <= found.highest < 1e-6


def test_the_detectable_effect_is_found_in_about_four_cases_of_five() -> None:
    without = [*panels(Design("24 shops", 24, 10), 25, 0.0)]
    promised = float(np.median([estimated(each).detectable for each in without]))
    lifted = [each.after + promised * each.treated[:, np.newaxis] for each in without]
    found = [
        effect(of.before, after, of.treated).p <= 0.05 for of, after in zip(without, lifted, strict=True)
    ]
    assert 0.6 <= sum(found) / len(found) <= 0.96


def test_half_the_effect_takes_four_times_the_units() -> None:
    assert units_needed(10, detectable=2.0, worth=1.0) == 40
    assert units_needed(10, detectable=1.0, worth=1.0) == 10
