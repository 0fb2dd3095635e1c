"""What the answers are worth, and which steps they call for.

Every score is a whole number from 0 to 100. A dimension is the weighted mean of its answered questions; the
whole is the mean of the dimensions that have one, as in the EU's Digital Maturity Assessment. A question
that its condition hides counts nowhere (a hidden one left in the denominator shows 50 % for what is 100 %);
a visible one without an answer counts nowhere either, and is declared; one with weight 0 calls for steps
alone.
"""

from collections.abc import Mapping, Sequence
from math import lcm

from msgspec import Struct

from services.assessment.questionnaires.domain.answers import visible
from services.assessment.questionnaires.domain.definition import AnyQuestion, Questionnaire
from services.assessment.questionnaires.domain.questions import FULL, Answers


class Effect(Struct, frozen=True):
    """What one answer did to the whole: of `possible` points out of 100 it brought `gained`."""

    question: str
    points: int
    possible: float
    gained: float


class Advice(Struct, frozen=True):
    """A recommended step, and the questions whose answers call for it."""

    key: str
    because: tuple[str, ...]


class Outcome(Struct, frozen=True):
    score: int
    dimensions: dict[str, int]
    """Only those with an answered question."""
    eu: dict[str, int]
    """The same answers by the EU's dimensions, as far as the questions have a place there."""
    advice: tuple[Advice, ...]
    """The first step to take first."""
    effects: tuple[Effect, ...]
    unanswered: tuple[str, ...]
    """Questions that were shown and skipped."""


class _Mean:
    """Of the points of some questions, by weight. In whole numbers: nothing is rounded on the way."""

    def __init__(self) -> None:
        self.weight = 0
        self.points = 0

    def add(self, weight: int, points: int) -> None:
        self.weight += weight
        self.points += weight * points

    def score(self) -> int:
        return _whole(self.points, self.weight)


def assess(questionnaire: Questionnaire, answers: Answers) -> Outcome:
    """Score and next steps of the answers that `read_answers` let through, a scored one at least."""
    shown = visible(questionnaire, answers)
    answered = [question for question in shown if question.key in answers]
    points = {question.key: question.points(answers[question.key]) for question in answered}
    own: dict[str, _Mean] = {}
    eu: dict[str, _Mean] = {}
    for question in answered:
        if question.weight:
            own.setdefault(question.dimension, _Mean()).add(question.weight, points[question.key])
            if question.eu:
                eu.setdefault(question.eu, _Mean()).add(question.weight, points[question.key])
    order = [dimension.key for dimension in questionnaire.dimensions if dimension.key in own]
    return Outcome(
        score=_overall([*own.values()]),
        dimensions={key: own[key].score() for key in order},
        eu={key: eu[key].score() for key in sorted(eu)},
        advice=_advice(questionnaire, answered, answers, points),
        effects=tuple(
            # A question's share of the whole: its part of its dimension, which is one of equal parts.
            _effect(question, points[question.key], own[question.dimension].weight * len(own))
            for question in answered
            if question.weight
        ),
        unanswered=tuple(question.key for question in shown if question.key not in answers),
    )


def _overall(dimensions: Sequence[_Mean]) -> int:
    """The mean of the dimensions' means, before any of these is rounded."""
    shared = lcm(*(each.weight for each in dimensions))
    points = sum(each.points * (shared // each.weight) for each in dimensions)
    return _whole(points, shared * len(dimensions))


def _effect(question: AnyQuestion, points: int, whole: int) -> Effect:
    possible, gained = question.weight * FULL / whole, question.weight * points / whole
    return Effect(question.key, points, round(possible, 1), round(gained, 1))


def _advice(
    questionnaire: Questionnaire,
    answered: Sequence[AnyQuestion],
    answers: Answers,
    points: Mapping[str, int],
) -> tuple[Advice, ...]:
    """What costs least first; among equals, where most is to be gained; then in the questionnaire's order."""
    because: dict[str, list[AnyQuestion]] = {}
    for question in answered:
        for key in question.calls_for(answers[question.key]):
            because.setdefault(key, []).append(question)
    order = {recommendation.key: place for place, recommendation in enumerate(questionnaire.recommendations)}

    def first_step_first(key: str) -> tuple[int, int, int]:
        to_gain = sum(question.weight * (FULL - points[question.key]) for question in because[key])
        return questionnaire.recommendations[order[key]].priority, -to_gain, order[key]

    return tuple(
        Advice(key, tuple(question.key for question in because[key]))
        for key in sorted(because, key=first_step_first)
    )


def _whole(part: int, of: int) -> int:
    """Halves are rounded up, so that nobody loses a point to the rounding of even numbers."""
    return (2 * part + of) // (2 * of)
