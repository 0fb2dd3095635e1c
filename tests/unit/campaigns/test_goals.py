"""What can be a goal, and when one is reached."""

import pytest

from services.campaigns.evaluation.domain import Figure
from services.campaigns.goals.domain import COUNTED, Goal, newly_reached
from services.campaigns.lifecycle.domain import InvalidPlan
from tests.unit.campaigns.test_lifecycle import a_plan_with

REVIEWS, SHARES = Goal(Figure.REVIEWS, 10), Goal(Figure.SHARES, 5)


def test_goals_are_counts_and_never_stars() -> None:
    assert {each.value for each in COUNTED} == {
        "reviews", "photos", "videos", "shares", "ambassadors", "merchants-reached",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reviews", "shares", "before", "reached"),
    [
        (9, 4, [], []),
        (10, 4, [], [REVIEWS]),
        (12, 5, [], [REVIEWS, SHARES]),
        (12, 5, [REVIEWS], [SHARES]),
        (12, 5, [REVIEWS, SHARES], []),
        (12, 0, [Goal(Figure.REVIEWS, 8)], [REVIEWS]),  # the target was raised since
    ],
)
def test_a_goal_is_reached_once_at_its_target(
    reviews: int, shares: int, before: list[Goal], reached: list[Goal]
) -> None:
    figures = {Figure.REVIEWS: reviews, Figure.SHARES: shares}
    assert newly_reached([REVIEWS, SHARES], figures, before) == reached


def test_a_figure_has_one_goal() -> None:
    a_plan_with(goals=(REVIEWS, SHARES)).check()
    with pytest.raises(InvalidPlan) as refused:
        a_plan_with(goals=(REVIEWS, Goal(Figure.REVIEWS, 20))).check()
    assert refused.value.field == "goals"
