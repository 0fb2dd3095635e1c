"""An ordered roadmap of actions, from the answers, within the hours and the budget that a merchant has.

The rule of the order: most points for an hour first; among equals what costs less, then what takes less
time, then as the questionnaire has it; what builds on another action comes after it. Points are those that
are shown, so that anybody can check the order.

An action's gain is the score with its answers as if it alone were done, less the score as it is.
`score_after` is re-scored with all actions up to this one, because two may move the same answer.
"""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from msgspec import Struct

from services.assessment.advice.domain.actions import Action
from services.assessment.advice.domain.rescoring import as_if_done
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.questions import Answers
from services.assessment.questionnaires.domain.scoring import Outcome, assess

WEEKS = 12
"""A season: longer plans are not followed, and the answers are asked for again."""

Reason = Literal["hours", "budget", "waits"]
"""Why an action is not in the plan: `waits` for another one that is not."""


class Means(Struct, frozen=True):
    """What the merchant can give."""

    hours_per_week: int
    budget: int | None = None
    """In euros, for the whole plan; None for no limit."""
    equipped: Collection[str] = frozenset()
    """Keys of actions for which a tool is in use already."""


class Candidate(Struct, frozen=True):
    """An action that the answers call for."""

    action: Action
    because: tuple[str, ...]
    gain: int
    hours: float
    euros: int

    @property
    def key(self) -> str:
        return self.action.key


class Step(Struct, frozen=True):
    """An action in its place. Weeks are counted from 1."""

    candidate: Candidate
    score_after: int
    first_week: int
    last_week: int


class Later(Struct, frozen=True):
    candidate: Candidate
    reason: Reason


class Plan(Struct, frozen=True):
    score: int
    """As it is."""
    steps: tuple[Step, ...]
    later: tuple[Later, ...]

    @property
    def score_after(self) -> int:
        """As if all steps were done."""
        return self.steps[-1].score_after if self.steps else self.score

    @property
    def hours(self) -> float:
        return sum(step.candidate.hours for step in self.steps)

    @property
    def euros(self) -> int:
        return sum(step.candidate.euros for step in self.steps)


def make_plan(
    questionnaire: Questionnaire, answers: Answers, actions: Mapping[str, Action], means: Means
) -> Plan:
    """The plan for answers that `read_answers` let through."""
    now = assess(questionnaire, answers)
    candidates = _candidates(questionnaire, answers, now, actions, means)
    hours, euros, score = 0.0, 0, now.score
    steps: list[Step] = []
    later: list[Later] = []
    for each in _ordered(candidates):
        reason = _against(each, hours, euros, means, {put_off.candidate.key for put_off in later})
        if reason:
            later.append(Later(each, reason))
            continue
        answers = as_if_done(questionnaire, answers, each.action)
        score = assess(questionnaire, answers).score
        first_week = floor(hours / means.hours_per_week) + 1
        hours, euros = hours + each.hours, euros + each.euros
        steps.append(Step(each, score, first_week, ceil(hours / means.hours_per_week)))
    return Plan(now.score, tuple(steps), tuple(later))


def _candidates(
    questionnaire: Questionnaire, answers: Answers, now: Outcome, actions: Mapping[str, Action], means: Means
) -> list[Candidate]:
    found = []
    for advice in now.advice:
        action = actions[advice.key]
        done = assess(questionnaire, as_if_done(questionnaire, answers, action))
        equipped = action.key in means.equipped
        hours = action.hours_with_tool if equipped else action.hours
        euros = 0 if equipped else action.euros
        found.append(Candidate(action, advice.because, done.score - now.score, hours, euros))
    return found


def _ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """By the rule; sorting keeps the questionnaire's order among what is equal."""
    waiting = sorted(
        candidates, key=lambda each: (-Fraction(each.gain) / Fraction(each.hours), each.euros, each.hours)
    )
    ordered: list[Candidate] = []
    while waiting:
        open_still = {each.key for each in waiting}
        ready = next(each for each in waiting if open_still.isdisjoint(each.action.after))
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


def _against(
    candidate: Candidate, hours: float, euros: int, means: Means, put_off: Collection[str]
) -> Reason | None:
    if not {*put_off}.isdisjoint(candidate.action.after):
        return "waits"
    if hours + candidate.hours > means.hours_per_week * WEEKS:
        return "hours"
    if means.budget is not None and euros + candidate.euros > means.budget:
        return "budget"
    return None
