"""What the answers are worth, and which steps they call for.

Every score is a whole number from 0 to 100. A dimension is the weighted mean of its answered questions; the
whole is the mean of the dimensions that have one, as in the EU's Digital Maturity Assessment. A question
that its condition hides counts nowhere (a hidden one left in the denominator shows 50 % for what is 100 %);
a visible one without an answer counts nowhere either, and is declared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.assessment.questionnaires.domain.answers import visible
from services.assessment.questionnaires.domain.definition import FULL, Answers, Question, Questionnaire


@dataclass(frozen=True)
class Effect:
    """What one answer did to the whole: of `possible` points out of 100 it brought `gained`."""

    question: str
    points: int
    possible: float
    gained: float


@dataclass(frozen=True)
class Advice:
    """A recommended step, and the questions whose answers call for it."""

    key: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    score: int
    dimensions: dict[str, int]
    """Only those with an answered question."""
    advice: tuple[Advice, ...]
    """The first step to take first."""
    effects: tuple[Effect, ...]
    unanswered: tuple[str, ...]
    """Questions that were shown and skipped."""


def assess(questionnaire: Questionnaire, answers: Answers) -> Outcome:
    """Score and next steps of the answers that `read_answers` let through, at least one of them."""
    shown = visible(questionnaire, answers)
    answered = [question for question in shown if question.key in answers]
    weights = {
        dimension.key: sum(question.weight for question in answered if question.dimension == dimension.key)
        for dimension in questionnaire.dimensions
    }
    scored = [key for key, weight in weights.items() if weight]
    points = {question.key: question.points(answers[question.key]) for question in answered}
    # A question's share of the whole: its part of its dimension, which is one of `scored` equal parts.
    share = {
        question.key: Fraction(question.weight, weights[question.dimension] * len(scored))
        for question in answered
    }
    by_dimension = dict.fromkeys(scored, Fraction(0))
    for question in answered:
        by_dimension[question.dimension] += points[question.key] * share[question.key]
    return Outcome(
        score=_whole(sum(by_dimension.values(), Fraction(0))),
        dimensions={key: _whole(value * len(scored)) for key, value in by_dimension.items()},
        advice=_advice(questionnaire, answered, answers, points),
        effects=tuple(
            _effect(question.key, points[question.key], share[question.key]) for question in answered
        ),
        unanswered=tuple(question.key for question in shown if question.key not in answers),
    )


def _effect(question: str, points: int, share: Fraction) -> Effect:
    return Effect(question, points, round(float(share * FULL), 1), round(float(points * share), 1))


def _advice(
    questionnaire: Questionnaire,
    answered: Sequence[Question],
    answers: Answers,
    points: Mapping[str, int],
) -> tuple[Advice, ...]:
    """What costs least first; among equals, where most is to be gained; then in the questionnaire's order."""
    because: dict[str, list[Question]] = {}
    for question in answered:
        for key in question.recommends(answers[question.key]):
            because.setdefault(key, []).append(question)
    order = {recommendation.key: place for place, recommendation in enumerate(questionnaire.recommendations)}

    def first_step_first(key: str) -> tuple[int, int, int]:
        to_gain = sum(question.weight * (FULL - points[question.key]) for question in because[key])
        return questionnaire.recommendation(key).priority, -to_gain, order[key]

    return tuple(
        Advice(key, tuple(question.key for question in because[key]))
        for key in sorted(because, key=first_step_first)
    )


def _whole(value: Fraction) -> int:
    """Halves are rounded up, so that nobody loses a point to the rounding of even numbers."""
    return int(value + Fraction(1, 2))
