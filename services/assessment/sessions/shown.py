"""Sessions as they are written and read over HTTP."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from chassis.http import UNSET, Body, Moment, ShortText, Shown, Token
from services.assessment.assessments.shown import ShownAssessment
from services.assessment.kinds.catalogue import merchant_kinds
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.given import GivenAnswers
from services.assessment.questionnaires.shown import ShownQuestionnaire, ShownText, questionnaire_shown
from services.assessment.sessions.domain import MOST_PEOPLE, Kind, Plan, Session, State

Language = Literal["fr", "nl", "de", "en"]
Capacity = Annotated[int, Field(ge=1, le=MOST_PEOPLE)]


class SessionDraft(Body):
    """A session as a consultant announces it."""

    city_id: UUID
    kind: Kind
    training: Token | None = None
    """Key of the training (`/api/v1/trainings`) that a training session gives."""
    title: ShortText
    place: ShortText
    starts_at: Moment
    ends_at: Moment
    capacity: Capacity
    language: Language = "fr"

    def plan(self) -> Plan:
        return Plan(**self.model_dump(exclude={"city_id"}))


class SessionRevision(Body):
    """What is to change; what is left out stays."""

    kind: Kind = UNSET
    training: Token | None = None
    title: ShortText = UNSET
    place: ShortText = UNSET
    starts_at: Moment = UNSET
    ends_at: Moment = UNSET
    capacity: Capacity = UNSET
    language: Language = UNSET

    def applied_to(self, plan: Plan) -> Plan:
        """The plan with the changes."""
        return replace(plan, **self.model_dump(include=self.model_fields_set))


class SessionHolding(Body):
    participants: Annotated[int, Field(ge=0, le=MOST_PEOPLE)]
    """Counted in the room."""


class ShownSession(Shown):
    """A session as everybody may read it."""

    id: UUID
    city_id: UUID
    kind: Kind
    training: str | None
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    language: str
    state: State
    version: int


class ShownSessionInFull(ShownSession):
    """What its consultants know of it besides."""

    questionnaire: str
    questionnaire_version: int
    participants: int | None
    """Counted in the room, once it was held."""
    forms: int
    """Handed in so far."""


class ShownJoining(Shown):
    """How people in the room come to the form."""

    code: str
    address: str
    """What the QR code says."""
    forms_from: datetime
    forms_until: datetime


class ShownJoined(Shown):
    """What somebody who has the code needs, to fill in the form."""

    session: ShownSession
    forms_until: datetime
    questionnaire: ShownQuestionnaire
    merchant_kinds: list[ShownText]
    """What kind of shop theirs may be."""


class ShownPaper(Shown):
    """What whoever enters forms on paper needs, for as long as there are any."""

    questionnaire: ShownQuestionnaire
    merchant_kinds: list[ShownText]
    """What kind of shop theirs may be."""
    forms: int
    """Handed in so far, those of telephones too."""
    participants: int | None
    """Counted in the room, once it was held."""


class SessionForm(Body):
    """A form, filled in."""

    answers: GivenAnswers
    merchant_kind: Token | None = None
    merchant_id: UUID | None = None
    """Of the shop, from somebody signed in who may hand in for it. Else it can be given to a shop later."""


class ShownForm(ShownAssessment):
    secret: str | None
    """With it the owner of a shop makes the form theirs, within 30 days. None where it is a shop's."""


def session_shown(session: Session) -> ShownSession:
    return ShownSession(**_fields(session))


def session_in_full(session: Session, forms: int) -> ShownSessionInFull:
    return ShownSessionInFull(
        **_fields(session),
        questionnaire=session.questionnaire,
        questionnaire_version=session.questionnaire_version,
        participants=session.held.participants if session.held else None,
        forms=forms,
    )


def joined_shown(session: Session, catalogue: Catalogue, language: str) -> ShownJoined:
    known = catalogue.published(session.questionnaire, session.questionnaire_version)
    return ShownJoined(
        session=session_shown(session),
        forms_until=session.forms_until,
        questionnaire=questionnaire_shown(known, language),
        merchant_kinds=_kinds(language),
    )


def paper_shown(session: Session, catalogue: Catalogue, language: str, forms: int) -> ShownPaper:
    known = catalogue.published(session.questionnaire, session.questionnaire_version)
    return ShownPaper(
        questionnaire=questionnaire_shown(known, language),
        merchant_kinds=_kinds(language),
        forms=forms,
        participants=session.held.participants if session.held else None,
    )


def _kinds(language: str) -> list[ShownText]:
    return [ShownText(key=each.key, text=each.title.into(language)) for each in merchant_kinds().values()]


def _fields(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "city_id": session.city_id,
        **vars(session.plan),
        "state": session.state,
        "version": session.version,
    }
