"""What a campaign is and how it moves: draft → scheduled → running → ended → evaluated. Time is passed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from services.campaigns.evaluation.domain import Evaluation, Figure, GoIf, evaluated
from services.campaigns.goals.domain import Goal, one_of_each
from services.campaigns.policy.domain import Ask, Judgement, Rule, judge, refused

LONGEST = timedelta(days=366)


class State(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    ENDED = "ended"
    EVALUATED = "evaluated"


# A scheduled campaign can be called off: it ends without ever having run.
_LEADS_TO: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SCHEDULED}),
    State.SCHEDULED: frozenset({State.RUNNING, State.ENDED}),
    State.RUNNING: frozenset({State.ENDED}),
    State.ENDED: frozenset({State.EVALUATED}),
    State.EVALUATED: frozenset(),
}


class IllegalTransition(Exception):
    """The campaign cannot go where it was asked to go, because of its state or of its time."""

    def __init__(self, state: State, wanted: State, why: str = "") -> None:
        super().__init__(why or f"a campaign that is {state} cannot become {wanted}")
        self.state = state
        self.wanted = wanted


class InvalidPlan(Exception):
    """A field of the plan makes no sense."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


class PlanHolds(Exception):
    """A field of the plan cannot change any more, or not so."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field} {detail}")
        self.field = field


class PolicyRefuses(Exception):
    """Something that the campaign asks for may not be asked for so."""

    def __init__(self, judgements: Sequence[Judgement]) -> None:
        super().__init__("the policy check refuses some of what the campaign asks for")
        self.judgements = judgements
        """Of all asks, in their order."""


class Translation(Struct, frozen=True):
    """A campaign's texts in a language that is not its own."""

    language: str
    name: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the city decides about a campaign before it is announced."""

    name: str
    description: str
    """In the campaign's own language, the first of `languages`."""
    languages: tuple[str, ...]
    translations: tuple[Translation, ...] = ()
    """Into others of them, one for each at most."""
    starts_at: datetime
    ends_at: datetime
    """The first moment that no longer belongs to it."""
    district_ids: tuple[UUID, ...] = ()
    """None means the whole city."""
    kinds: tuple[str, ...] = ()
    """None means every kind of merchant."""
    merchant_ids: tuple[UUID, ...] = ()
    """Chosen ones; none means all that the districts and kinds leave."""
    question: str | None = None
    """What a pilot is to find out."""
    go_if: tuple[GoIf, ...] = ()
    """When a pilot's city goes on, set before it begins: all must hold, each of another figure."""
    goals: tuple[Goal, ...] = ()
    """What it sets out to reach, each of another figure."""
    approval: bool = False
    """Whether an officer decides who becomes an ambassador."""
    asks: tuple[Ask, ...] = ()
    """What citizens are asked for beside contributing here as they like, each thing once."""
    legal_ground: str | None = None
    """What the city rests a draw of lots on, in its own words."""

    def check(self) -> None:
        """Raises InvalidPlan."""
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise InvalidPlan("starts_at", "times carry their zone")
        if self.ends_at <= self.starts_at:
            raise InvalidPlan("ends_at", "a campaign ends after it starts")
        if self.ends_at - self.starts_at > LONGEST:
            raise InvalidPlan("ends_at", f"a campaign lasts {LONGEST.days} days at most")
        if len({each.figure for each in self.go_if}) < len(self.go_if):
            raise InvalidPlan("go_if", "each figure has one condition")
        if self.go_if and self.question is None:
            raise InvalidPlan("question", "a rule for going on belongs to the question that a pilot answers")
        translated = [each.language for each in self.translations]
        for language in translated:
            if language not in self.languages[1:] or translated.count(language) > 1:
                why = "is the campaign's own language, is none of its languages, or comes twice"
                raise InvalidPlan(f"translations.{language}", why)
        if not one_of_each(self.goals):
            raise InvalidPlan("goals", "each figure has one goal")
        asked = set()
        for place, ask in enumerate(self.asks):
            if not ask.is_possible:
                raise InvalidPlan(f"asks.{place}.action", f"{ask.action} is nothing done on {ask.platform}")
            if (ask.platform, ask.action) in asked:
                raise InvalidPlan(f"asks.{place}", "the same is asked for twice")
            asked.add((ask.platform, ask.action))

    def texts(self) -> dict[str, tuple[str, str]]:
        """Name and description by language, its own first."""
        own = {self.languages[0]: (self.name, self.description)}
        return own | {each.language: (each.name, each.description) for each in self.translations}

    def judged(self, rules: Iterable[Rule]) -> tuple[Judgement, ...]:
        """What becomes of each ask, by these rules."""
        return tuple(judge(rules, ask, self.legal_ground) for ask in self.asks)


CHANGEABLE = frozenset({"name", "description", "translations", "ends_at", "goals"})
"""What may change once it was announced: texts, a later end, goals. Whom it is for, what it asks and the
rule for going on do not: who joined did so by what was announced."""


def differing(before: Plan, after: Plan) -> list[str]:
    """The names of the fields in which two plans differ."""
    return [each.name for each in fields(before) if getattr(before, each.name) != getattr(after, each.name)]


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """One campaign of one city. Every change makes a new version."""

    id: UUID
    city_id: UUID
    plan: Plan
    state: State = State.DRAFT
    version: int = 1
    policy: tuple[Judgement, ...] | None = None
    """What its asks were judged to be when it was announced, with the rules as they were then."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    evaluation: Evaluation | None = None

    def revised(self, plan: Plan) -> Campaign:
        """With another plan: of a draft as its city likes, of what is announced only what may still change.

        Raises InvalidPlan, PlanHolds, or IllegalTransition for one that is over.
        """
        if self.state not in (State.DRAFT, State.SCHEDULED, State.RUNNING):
            why = f"what is over is changed no more, and this campaign is {self.state}"
            raise IllegalTransition(self.state, State.DRAFT, why)
        plan.check()
        if self.state is not State.DRAFT:
            self._must_hold_to(plan)
        return replace(self, plan=plan, version=self.version + 1)

    def _must_hold_to(self, plan: Plan) -> None:
        for name in differing(self.plan, plan):
            if name not in CHANGEABLE:
                raise PlanHolds(name, "is announced, and people count on it: plan another campaign instead")
        if plan.ends_at < self.plan.ends_at:
            raise PlanHolds("ends_at", "was announced: it can be later, and an officer may end it any time")

    def checked(self, rules: Iterable[Rule]) -> Campaign:
        """With what the policy check says of it. Raises PolicyRefuses."""
        judgements = self.plan.judged(rules)
        if refused(judgements):
            raise PolicyRefuses(judgements)
        return replace(self, policy=judgements)

    def scheduled(self, now: datetime) -> Campaign:
        """Announced to everybody."""
        self._must_lead_to(State.SCHEDULED)
        if self.plan.question is not None and not self.plan.go_if:
            raise InvalidPlan("go_if", "a pilot says beforehand at which figures its city goes on")
        if self.plan.ends_at <= now:
            raise IllegalTransition(self.state, State.SCHEDULED, "it would be over before it is announced")
        return self._moved(State.SCHEDULED)

    def started(self, now: datetime) -> Campaign:
        """Running from now on; a person may start it before its time, not after its end."""
        self._must_lead_to(State.RUNNING)
        if self.plan.ends_at <= now:
            raise IllegalTransition(self.state, State.RUNNING, "its time is over")
        return replace(self._moved(State.RUNNING), started_at=now)

    def ended(self, now: datetime) -> Campaign:
        """Over, in time or before; a scheduled one is called off."""
        self._must_lead_to(State.ENDED)
        return replace(self._moved(State.ENDED), ended_at=now)

    def evaluated(self, figures: Mapping[Figure, int], conclusion: str, now: datetime) -> Campaign:
        """With what it came to. One that never ran came to nothing."""
        self._must_lead_to(State.EVALUATED)
        if self.started_at is None:
            raise IllegalTransition(self.state, State.EVALUATED, "it was called off before it ran")
        evaluation = evaluated(figures, self.plan.go_if, conclusion, now)
        return replace(self._moved(State.EVALUATED), evaluation=evaluation)

    def due(self, now: datetime) -> State | None:
        """Where the clock takes it at this moment, if anywhere.

        A campaign whose whole time went by unattended ends without starting: nobody is told of the
        beginning of something that is over.
        """
        if self.state in (State.SCHEDULED, State.RUNNING) and self.plan.ends_at <= now:
            return State.ENDED
        if self.state is State.SCHEDULED and self.plan.starts_at <= now:
            return State.RUNNING
        return None

    def moved_to(self, state: State, now: datetime) -> Campaign:
        """The transition by the name of its target. Raises IllegalTransition."""
        if state is State.SCHEDULED:
            return self.scheduled(now)
        if state is State.RUNNING:
            return self.started(now)
        if state is State.ENDED:
            return self.ended(now)
        raise IllegalTransition(self.state, state)

    def _must_lead_to(self, state: State) -> None:
        if state not in _LEADS_TO[self.state]:
            raise IllegalTransition(self.state, state)

    def _moved(self, state: State) -> Campaign:
        return replace(self, state=state, version=self.version + 1)
