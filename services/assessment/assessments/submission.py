"""A merchant hands in the answers: score, next steps, and the event that tells of it, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access
from chassis.clock import Clock
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from chassis.outbox import record
from chassis.problems import conflict, invalid, not_found
from contracts.assessment.v1 import AssessmentCompleted
from contracts.envelope import Event, Fact
from services.assessment import merchants
from services.assessment.assessments.tables import assessments
from services.assessment.merchants import Merchant
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.answers import as_json, from_json, read_answers
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.questions import Answers, InvalidAnswer, Raw
from services.assessment.questionnaires.domain.scoring import Outcome, assess


@dataclass(frozen=True)
class SubmitAssessment:
    merchant_id: UUID
    questionnaire: str
    version: int
    answers: Mapping[str, Raw]
    corrects: UUID | None = None
    """An earlier one of the same merchant whose answers these put right."""


@dataclass(frozen=True)
class Assessment:
    """A completed one, as it is stored."""

    id: UUID
    city_id: UUID
    merchant_id: UUID | None
    """None while a form of a session is of no shop that is known here."""
    questionnaire: str
    questionnaire_version: int
    answers: Answers
    score: int
    dimensions: dict[str, int]
    recommendations: tuple[str, ...]
    completed_at: datetime
    completed_by: UUID | None
    """None once that person was erased, and where nobody had to say who they are."""
    corrects: UUID | None = None
    session_id: UUID | None = None
    merchant_kind: str | None = None
    corrected_by: UUID | None = None
    """Kept with the other one; not a column."""
    outcome: Outcome | None = None
    """What the answers were scored to a moment ago. One that is read again is scored again; not a column."""

    def event(self) -> Event[Fact]:
        """What is told of one that is of a merchant."""
        assert self.merchant_id is not None
        fact: Fact = AssessmentCompleted(
            city_id=self.city_id,
            assessment_id=self.id,
            merchant_id=self.merchant_id,
            questionnaire=self.questionnaire,
            questionnaire_version=self.questionnaire_version,
            score=self.score,
            # The database keeps no order of them; told again, the event must be the same to the byte.
            dimensions=dict(sorted(self.dimensions.items())),
            recommendations=self.recommendations,
        )
        return Event.of(fact, self.completed_at)


async def submit_assessment(
    tx: Transaction, catalogue: Catalogue, command: SubmitAssessment, by: Access, clock: Clock
) -> Assessment:
    """Check, score, store and tell.

    Raises Problem: 422 for an unknown merchant, questionnaire or answer, naming the field; 403 for somebody
    who is neither this merchant nor a consultant in its city; 409 for a merchant that has closed.
    """
    merchant = await merchant_of(tx, command.merchant_id, by)
    questionnaire = catalogue.find(command.questionnaire, command.version)
    if questionnaire is None:
        known = catalogue.find(command.questionnaire) is not None
        raise invalid("version" if known else "questionnaire", "no such questionnaire has been published")
    if command.corrects is not None:
        await _check_correction(tx, command.corrects, merchant.merchant_id)
    completed = completed_with(
        questionnaire,
        command.answers,
        Handed(merchant.city_id, clock(), merchant.merchant_id, by.person_id, corrects=command.corrects),
    )
    await store(tx, completed)
    return completed


async def merchant_of(tx: Transaction, merchant_id: UUID, by: Access) -> Merchant:
    """The merchant, for whom `by` may hand in. Raises Problem as `submit_assessment` does."""
    merchant = await merchants.find(tx, merchant_id)
    if merchant is None:
        raise invalid("merchant_id", "no such merchant is known here")
    by.within(city_id=merchant.city_id, merchant_id=merchant.merchant_id)
    if merchant.closed:
        raise conflict("merchant-closed", "This merchant has closed or is no longer listed.")
    return merchant


@dataclass(frozen=True)
class Handed:
    """Whose answers they are, when they were given, and where."""

    city_id: UUID
    at: datetime
    merchant_id: UUID | None = None
    by: UUID | None = None
    corrects: UUID | None = None
    session_id: UUID | None = None
    merchant_kind: str | None = None


def completed_with(questionnaire: Questionnaire, given: Mapping[str, Raw], handed: Handed) -> Assessment:
    """The answers, checked and scored: the one way in which that is done. Raises the problem 422."""
    try:
        answers = read_answers(questionnaire, given)
    except InvalidAnswer as error:
        raise invalid(f"answers.{error.field}".rstrip("."), error.detail) from error
    outcome = assess(questionnaire, answers)
    return Assessment(
        id=new_id(),
        city_id=handed.city_id,
        merchant_id=handed.merchant_id,
        questionnaire=questionnaire.name,
        questionnaire_version=questionnaire.version,
        answers=answers,
        score=outcome.score,
        dimensions=outcome.dimensions,
        recommendations=tuple(advice.key for advice in outcome.advice),
        completed_at=handed.at,
        completed_by=handed.by,
        corrects=handed.corrects,
        session_id=handed.session_id,
        merchant_kind=handed.merchant_kind,
        outcome=outcome,
    )


async def store(tx: Transaction, *completed: Assessment) -> None:
    """Write them, and tell of those that are of a merchant."""
    rows = [_row(each) for each in completed]
    await tx.execute(insert(assessments), rows if len(rows) > 1 else rows[0])
    await record(tx, *(each.event() for each in completed if each.merchant_id is not None))


async def _check_correction(tx: Transaction, corrected: UUID, merchant_id: UUID) -> None:
    """Whoever corrects the same one at the same moment waits for this lock, and finds it corrected."""
    known = assessments.c
    mine = select(known.id).where(known.id == corrected, known.merchant_id == merchant_id).with_for_update()
    if (await tx.execute(mine)).one_or_none() is None:
        raise invalid("corrects", "is no assessment of this merchant")
    if (await tx.execute(select(known.id).where(known.corrects == corrected))).first() is not None:
        raise conflict("already-corrected", "This assessment was corrected already: correct the newer one.")


def _row(assessment: Assessment) -> dict[str, Any]:
    stored = {key: value for key, value in vars(assessment).items() if key in assessments.c}
    answers, steps = as_json(assessment.answers), list(assessment.recommendations)
    return {**stored, "answers": answers, "recommendations": steps}


def from_row(row: Mapping[Any, Any]) -> Assessment:
    answers, steps = from_json(row["answers"]), tuple(row["recommendations"])
    return Assessment(**{**row, "answers": answers, "recommendations": steps})


def with_corrections() -> Select[Any]:
    """All assessments, each with the id of the one that corrects it."""
    newer = assessments.alias("newer")
    corrected_by = select(newer.c.id).where(newer.c.corrects == assessments.c.id).scalar_subquery()
    return select(assessments, corrected_by.label("corrected_by"))


async def found(connection: AsyncConnection, assessment_id: UUID) -> Assessment:
    """That assessment. Raises 404."""
    query = with_corrections().where(assessments.c.id == assessment_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found("assessment")
    return from_row(row)


HISTORY = (
    Source(
        # By the time of the event, which is not that of the id: a form on paper is entered later.
        select(assessments)
        .where(assessments.c.merchant_id.is_not(None))
        .order_by(assessments.c.completed_at, assessments.c.id),
        lambda row: from_row(row).event(),
    ),
)
