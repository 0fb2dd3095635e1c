"""What a session is and how it moves: announced → held or cancelled. Pure; time is passed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
LONGEST = timedelta(hours=24)
FORMS_BEFORE = timedelta(minutes=30)
FORMS_AFTER = timedelta(hours=6)
"""Forms are taken from shortly before a session until its evening: some are filled in on the way home."""
MOST_PEOPLE = 2_000
"""The largest hall that is not a mistyped number."""

CODE_LENGTH = 6
CODE_ALPHABET = "23456789CDFGHJKMNPQRTVWXY"
"""No two that are read as one another (0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B, U and V), and no
vowel: six of them spell nothing. 244 million codes, of which a few are open at a time."""
_READ_AS = str.maketrans("BSZU", "852V", " -\u2010\u2011\u2013\u00a0\t")


class Kind(StrEnum):
    AWARENESS = "awareness"
    TRAINING = "training"


class State(StrEnum):
    ANNOUNCED = "announced"
    HELD = "held"
    CANCELLED = "cancelled"


class IllegalTransition(Exception):
    """The session cannot go where it was asked to go, because of its state or of its time."""

    def __init__(self, state: State, why: str) -> None:
        super().__init__(why)
        self.state = state


class InvalidPlan(Exception):
    """A field of the plan makes no sense."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a consultant announces."""

    kind: Kind
    training: str | None
    """Key of the training that is given; none for an awareness session."""
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    language: str

    def check(self) -> None:
        """Raise InvalidPlan where the fields do not fit each other."""
        if self.kind is Kind.TRAINING and self.training is None:
            raise InvalidPlan("training", "say which training is given")
        if self.kind is Kind.AWARENESS and self.training is not None:
            raise InvalidPlan("training", "an awareness session gives none")
        if not self.starts_at < self.ends_at <= self.starts_at + LONGEST:
            raise InvalidPlan("ends_at", "is not within 24 hours after its beginning")


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is known of a session once it was held."""

    at: datetime
    """When somebody said so."""
    participants: int
    """Counted in the room: not all hand in a form."""
    forms: int
    """Handed in by then."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session, as it is now."""

    id: UUID
    city_id: UUID
    plan: Plan
    questionnaire: str
    questionnaire_version: int
    """Chosen when it was announced, so that printed forms are those of the screens."""
    join_code: str | None
    """None once it is over for long: another session may have it then."""
    state: State = State.ANNOUNCED
    version: int = 1
    held: Held | None = None

    def revised(self, plan: Plan) -> Session:
        """With another plan. Raises InvalidPlan or IllegalTransition."""
        self._check_open("be changed")
        plan.check()
        return replace(self, plan=plan, version=self.version + 1)

    def cancelled(self) -> Session:
        """Raises IllegalTransition."""
        self._check_open("be cancelled")
        return replace(self, state=State.CANCELLED, version=self.version + 1)

    def held_with(self, participants: int, forms: int, now: datetime) -> Session:
        """Raises IllegalTransition, also where it has not begun."""
        self._check_open("be held")
        if now < self.plan.starts_at:
            raise IllegalTransition(self.state, "It has not begun.")
        held = Held(at=now, participants=participants, forms=forms)
        return replace(self, state=State.HELD, version=self.version + 1, held=held)

    def _check_open(self, what: str) -> None:
        if self.state is not State.ANNOUNCED:
            raise IllegalTransition(self.state, f"A session that is {self.state} cannot {what}.")

    @property
    def forms_from(self) -> datetime:
        return self.plan.starts_at - FORMS_BEFORE

    @property
    def forms_until(self) -> datetime:
        """The first moment at which no more are taken."""
        return self.plan.ends_at + FORMS_AFTER

    def is_on_its_day(self, at: datetime) -> bool:
        """Whether `at` is on the day of the session, by the calendar of the country."""
        first, last = (each.astimezone(BRUSSELS).date() for each in (self.plan.starts_at, self.plan.ends_at))
        return first <= at.astimezone(BRUSSELS).date() <= last

    def takes_forms(self, now: datetime) -> bool:
        return self.state is not State.CANCELLED and self.forms_from <= now < self.forms_until


def read_code(typed: str) -> str | None:
    """A join code as somebody typed it, in its one form; None where it can be none."""
    code = typed.upper().translate(_READ_AS)
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else None
