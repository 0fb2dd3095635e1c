"""What a report says of its sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given

from services.assessment.reports.domain.blocks import figures_of
from services.assessment.reports.domain.figures import OTHER, Attempt, Figures
from services.assessment.reports.domain.report import ScoreClass, Share, report_of
from tests.unit.assessment.attempts import BASIS, DIMENSIONS, populations, simple


def tenths(scores: Sequence[int]) -> float:
    """Their mean with one decimal, halves up."""
    mean = Decimal(sum(scores)) / len(scores)
    return float(mean.quantize(Decimal("0.1"), ROUND_HALF_UP))


@given(populations())
def test_a_report_says_what_counting_the_persons_says(attempts: list[Attempt]) -> None:
    shown_as = {each.id: each.kind for each in attempts}
    figures = figures_of(attempts, BASIS, shown_as)[BASIS] if attempts else Figures()
    said = report_of(figures, DIMENSIONS)
    scores = [each.scored[BASIS].score for each in attempts]

    assert said.participants == len(scores)
    assert said.mean == (tenths(scores) if scores else None)
    assert said.at_least_50.count == len([score for score in scores if score >= 50])
    assert said.above_70.count == len([score for score in scores if score > 70])
    assert sum(each.count for each in said.distribution) == len(scores)
    for each in said.distribution:
        assert each.count == len([score for score in scores if each.lowest <= score <= each.highest])
    assert said.asking.count == len([each for each in attempts if each.wish in {"group", "visit"}])
    for ranked in said.recommendations:
        assert ranked.share.count == len([each for each in attempts if ranked.key in each.recommendations])
    for kind in said.kinds:
        theirs = [each.scored[BASIS].score for each in attempts if each.kind == kind.kind]
        assert (kind.participants, kind.above_70.count) == (len(theirs), len([s for s in theirs if s > 70]))
        assert kind.at_least_50.count == len([score for score in theirs if score >= 50])
    for dimension in said.dimensions:
        given = [each.scored[BASIS].dimensions.get(dimension.key) for each in attempts]
        answered = [score for score in given if score is not None]
        assert dimension.answered == len(answered) >= 5
        assert dimension.mean == tenths(answered)


def test_nobody_is_no_mean_and_no_division_by_zero() -> None:
    said = report_of(Figures(), DIMENSIONS)
    assert (said.participants, said.mean, said.at_least_50) == (0, None, Share(0, 0.0))
    assert (said.kinds, said.wishes, said.dimensions) == ((), (), ())


def test_recommendations_are_ranked_by_how_many_need_them() -> None:
    attempts = [simple(n, recommendations=("b", "a") if n else ("b", "c")) for n in range(6)]
    figures = figures_of(attempts, BASIS, {each.id: OTHER for each in attempts})[BASIS]
    said = report_of(figures, ())
    assert [(each.key, each.share.count) for each in said.recommendations] == [("b", 6), ("a", 5), ("c", 1)]
    assert said.recommendations[1].share.percent == 83.3


def test_fifty_counts_as_fifty_or_more_and_seventy_is_not_above_seventy() -> None:
    attempts = [simple(n, score=score) for n, score in enumerate((49, 50, 70, 71, 100))]
    said = report_of(figures_of(attempts, BASIS, {each.id: OTHER for each in attempts})[BASIS], ())
    assert (said.at_least_50.count, said.above_70.count) == (4, 2)
    assert said.distribution[-1] == ScoreClass(90, 100, 1)
    assert said.distribution[7] == ScoreClass(70, 79, 2)
