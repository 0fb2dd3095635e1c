"""Events of the assessment. A score about a sole trader is personal data: this stream keeps 400 days."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from contracts.envelope import Fact, Moment


class AssessmentCompleted(Fact, frozen=True, kw_only=True):
    """A merchant finished a self-assessment of its digital maturity."""

    TYPE: ClassVar[str] = "assessment.assessment-completed.v1"
    AGGREGATE: ClassVar[str] = "assessment_id"
    KEY: ClassVar[str] = "merchant_id"

    assessment_id: UUID
    merchant_id: UUID
    questionnaire: str
    questionnaire_version: int
    """Scores of two versions are compared only where a mapping between them is declared."""
    score: int
    """0 to 100."""
    dimensions: dict[str, int] = {}
    """Score per dimension, 0 to 100."""
    recommendations: tuple[str, ...] = ()
    """Keys of the recommended steps, the first one to take first."""


class SessionHeld(Fact, frozen=True, kw_only=True):
    """An awareness or training session took place."""

    TYPE: ClassVar[str] = "assessment.session-held.v1"
    AGGREGATE: ClassVar[str] = "session_id"
    KEY: ClassVar[str] = "session_id"

    session_id: UUID
    kind: str
    """`awareness` or `training`."""
    training: str | None = None
    """Key of the training that was given; none for an awareness session."""
    starts_at: Moment
    """When it took place; the event's own time is when somebody said so."""
    participants: int
    """Counted in the room."""
    forms: int
    """Handed in by the time somebody said so. Those on paper may be entered later."""


class SessionSeatGiven(Fact, frozen=True, kw_only=True):
    """A merchant that waited for a seat of a session has one: another does not come, or there are more.

    The city is the session's; the merchant may lie in another.
    """

    TYPE: ClassVar[str] = "assessment.session-seat-given.v1"
    AGGREGATE: ClassVar[str] = "registration_id"
    KEY: ClassVar[str] = "merchant_id"

    registration_id: UUID
    """It is told of once. Who registers anew has another."""
    session_id: UUID
    merchant_id: UUID
    starts_at: Moment
    """When the session is to begin, as it is planned at this moment."""


class TrainingAttendanceNoted(Fact, frozen=True, kw_only=True):
    """It was noted whether a merchant came to a training: to a session of one, or to its coaching group.

    The city is the training's; the merchant may lie in another.
    """

    TYPE: ClassVar[str] = "assessment.training-attendance-noted.v1"
    AGGREGATE: ClassVar[str] = "seat_id"
    KEY: ClassVar[str] = "merchant_id"

    seat_id: UUID
    version: int
    """From 1, rising with each correction; the newest holds."""
    merchant_id: UUID
    attended: bool
    began_at: Moment
    """When the training began; the event's own time is when it was noted."""


class TrainingRequested(Fact, frozen=True, kw_only=True):
    """A merchant asked for a training, or for a consultant's visit, and agreed to be contacted about it."""

    TYPE: ClassVar[str] = "assessment.training-requested.v1"
    AGGREGATE: ClassVar[str] = "request_id"
    KEY: ClassVar[str] = "merchant_id"

    request_id: UUID
    merchant_id: UUID
    wish: str
    """The key of a training, or `visit`."""
    language: str = ""
    """In which they want to be spoken to; empty where they did not say."""


class TrainingRequestWithdrawn(Fact, frozen=True, kw_only=True):
    """The merchant took the request back: nobody is to contact them about it any more."""

    TYPE: ClassVar[str] = "assessment.training-request-withdrawn.v1"
    AGGREGATE: ClassVar[str] = "request_id"
    KEY: ClassVar[str] = "merchant_id"

    request_id: UUID
    merchant_id: UUID


class ReassessmentDue(Fact, frozen=True, kw_only=True):
    """A merchant's newest assessment is some months old: it is time for another, to see what moved."""

    TYPE: ClassVar[str] = "assessment.reassessment-due.v1"
    AGGREGATE: ClassVar[str] = "assessment_id"
    KEY: ClassVar[str] = "merchant_id"

    assessment_id: UUID
    """The newest one. It is told of once."""
    merchant_id: UUID
    assessed_at: Moment
    """When its answers were given."""


class CoachingSeatOffered(Fact, frozen=True, kw_only=True):
    """A merchant is offered a seat in a coaching group, until a time; then it goes to the next in line."""

    TYPE: ClassVar[str] = "assessment.coaching-seat-offered.v1"
    AGGREGATE: ClassVar[str] = "offer_id"
    KEY: ClassVar[str] = "merchant_id"

    offer_id: UUID
    group_id: UUID
    request_id: UUID
    merchant_id: UUID
    expires_at: Moment


class CoachingGroupFormed(Fact, frozen=True, kw_only=True):
    """A coaching group takes place with those who took a seat by then: five at most."""

    TYPE: ClassVar[str] = "assessment.coaching-group-formed.v1"
    AGGREGATE: ClassVar[str] = "group_id"
    KEY: ClassVar[str] = "group_id"

    group_id: UUID
    dimension: str
    """What it is about: where those in it are weak."""
    language: str
    participants: int


class PersonalDataErased(Fact, frozen=True, kw_only=True):
    """The assessment's part of an erasure is done."""

    TYPE: ClassVar[str] = "assessment.personal-data-erased.v1"
    AGGREGATE: ClassVar[str] = "erasure_id"
    KEY: ClassVar[str] = "erasure_id"

    erasure_id: UUID


FACTS: tuple[type[Fact], ...] = (
    AssessmentCompleted,
    SessionHeld,
    SessionSeatGiven,
    TrainingAttendanceNoted,
    TrainingRequested,
    TrainingRequestWithdrawn,
    ReassessmentDue,
    CoachingSeatOffered,
    CoachingGroupFormed,
    PersonalDataErased,
)
