"""What a questionnaire is, which of its questions a merchant sees, and what the answers are worth.

Every score is a whole number from 0 to 100. A dimension is the weighted mean of its answered questions; the
whole is the mean of the dimensions that have one, as in the EU's Digital Maturity Assessment. A question
that its condition hides counts nowhere (a hidden one left in the denominator shows 50 % for what is 100 %);
a visible one without an answer counts nowhere either, and is declared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

FULL = 100
LEAST_ANSWERED = Fraction(1, 2)
"""Part of the questions shown. Below it, one good answer alone would read as full marks."""
LANGUAGES = ("fr", "nl", "de", "en")

Answers: TypeAlias = Mapping[str, frozenset[str]]
"""The chosen options of each answered question."""


@dataclass(frozen=True)
class Text:
    """The same words in every language; none may be missing."""

    fr: str
    nl: str
    de: str
    en: str

    def into(self, language: str) -> str:
        return str(getattr(self, language))


@dataclass(frozen=True)
class Option:
    key: str
    text: Text
    points: int
    exclusive: bool = False
    """`None of these`: it cannot be ticked together with another."""
    recommends: tuple[str, ...] = ()
    """What choosing it calls for."""
    recommends_without: tuple[str, ...] = ()
    """What answering the question without choosing it calls for."""


@dataclass(frozen=True)
class Condition:
    """The question is shown only after one of these answers to an earlier question."""

    question: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    key: str
    dimension: str
    kind: Literal["single", "multiple"]
    weight: int
    text: Text
    options: tuple[Option, ...]
    shown_if: Condition | None = None

    def points(self, chosen: frozenset[str]) -> int:
        """What the ticked options bring together, never more than FULL."""
        return min(FULL, sum(option.points for option in self.options if option.key in chosen))

    def recommends(self, chosen: frozenset[str]) -> frozenset[str]:
        """Keys of the recommendations that this answer calls for."""
        return frozenset(
            key
            for option in self.options
            for key in (option.recommends if option.key in chosen else option.recommends_without)
        )


@dataclass(frozen=True)
class Recommendation:
    key: str
    dimension: str
    priority: Literal[1, 2, 3]
    """1: free, an hour or two. 2: some evenings of a month. 3: a project of its own."""
    title: Text
    why: Text


@dataclass(frozen=True)
class Dimension:
    key: str
    title: Text


@dataclass(frozen=True)
class Questionnaire:
    """One published version: what it asks and how it counts never changes again."""

    name: str
    version: int
    title: Text
    introduction: Text
    dimensions: tuple[Dimension, ...]
    questions: tuple[Question, ...]
    recommendations: tuple[Recommendation, ...]

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.key == key), None)

    def recommendation(self, key: str) -> Recommendation:
        return next(known for known in self.recommendations if known.key == key)


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


class InvalidAnswer(ValueError):
    """An answer that cannot be counted. `field` names the question; it is empty for the answers together."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


def visible(questionnaire: Questionnaire, answers: Answers) -> tuple[Question, ...]:
    """The questions these answers lead to, in order. What hangs on a hidden question is hidden too."""
    seen: dict[str, Question] = {}
    for question in questionnaire.questions:
        condition = question.shown_if
        if condition is None or (
            condition.question in seen
            and not answers.get(condition.question, frozenset()).isdisjoint(condition.any_of)
        ):
            seen[question.key] = question
    return tuple(seen.values())


def read_answers(questionnaire: Questionnaire, given: Mapping[str, Sequence[str]]) -> Answers:
    """The answers that count, checked. Those to hidden questions are left out; an empty one is a skipped one.

    Raises InvalidAnswer for an unknown question or option, for two answers to a single choice, for "none of
    these" beside another, and where too little is answered to speak of a score.
    """
    checked: dict[str, frozenset[str]] = {}
    for key, chosen in given.items():
        question = questionnaire.question(key)
        if question is None:
            raise InvalidAnswer(key, "is no question of this questionnaire")
        _check(question, frozenset(chosen))
        if chosen:
            checked[key] = frozenset(chosen)
    shown = {question.key for question in visible(questionnaire, checked)}
    counting = {key: chosen for key, chosen in checked.items() if key in shown}
    if len(counting) < len(shown) * LEAST_ANSWERED:
        raise InvalidAnswer(
            "", f"{len(counting)} of {len(shown)} questions are answered; half of them are needed"
        )
    return counting


def _check(question: Question, chosen: frozenset[str]) -> None:
    options = {option.key: option for option in question.options}
    unknown = sorted(chosen - options.keys())
    if unknown:
        raise InvalidAnswer(question.key, f"{unknown[0]!r} is no option; there are {', '.join(options)}")
    if question.kind == "single" and len(chosen) > 1:
        raise InvalidAnswer(question.key, "takes one option only")
    alone = sorted(key for key in chosen if options[key].exclusive)
    if alone and len(chosen) > 1:
        raise InvalidAnswer(question.key, f"{alone[0]!r} cannot be chosen together with another option")


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
