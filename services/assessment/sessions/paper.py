"""Forms that were filled in on paper, in a hall without signal, and are entered later: all of them, or none.

Each is dated when it was filled in, within the session's day. None gets a secret: nobody is there to be told
it, so a shop is named at once or never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.access import Access
from chassis.database import Transaction
from chassis.problems import Problem, conflict, invalid, several_invalid
from services.assessment.assessments.submission import Assessment, Handed, completed_with, store
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.questions import Raw
from services.assessment.sessions.domain import Session, State
from services.assessment.sessions.joining import FilledIn, city_of_form

MOST_FORMS = 500
"""At once. A hall of more is entered in parts."""


@dataclass(frozen=True)
class PaperForm:
    answers: Mapping[str, Raw]
    merchant_kind: str | None = None
    merchant_id: UUID | None = None
    completed_at: datetime | None = None
    """When it was filled in; with the session's beginning where nobody wrote a time down."""


async def enter(
    tx: Transaction,
    catalogue: Catalogue,
    session: Session,
    forms: Sequence[PaperForm],
    *,
    by: Access,
    now: datetime,
) -> list[Assessment]:
    """Score and store them all, and tell of those of a shop.

    Raises Problem: 409 for a session that was called off or has not begun; 422 with every field that is
    wrong, as `forms.<row>.<field>` with rows from 0; 403 for a shop that `by` may not hand in for.
    """
    _require_held(session, now)
    entered: list[Assessment] = []
    wrong: list[tuple[str, str]] = []
    for row, form in enumerate(forms):
        try:
            entered.append(await _completed(tx, catalogue, session, form, by=by, now=now))
        except Problem as problem:
            if problem.status != 422:
                raise
            wrong.append((f"forms.{row}.{problem.field}", _why(problem)))
    if wrong:
        raise several_invalid(wrong)
    await store(tx, *entered)
    return entered


async def scored(
    tx: Transaction, catalogue: Catalogue, session: Session, form: PaperForm, *, by: Access, now: datetime
) -> int:
    """What the form would score, entered now; nothing is stored. Raises Problem as `enter` does."""
    _require_held(session, now)
    return (await _completed(tx, catalogue, session, form, by=by, now=now)).score


def _require_held(session: Session, now: datetime) -> None:
    if session.state is State.CANCELLED or now < session.plan.starts_at:
        raise conflict("session-not-held", "This session was called off, or has not begun.")


async def _completed(
    tx: Transaction, catalogue: Catalogue, session: Session, form: PaperForm, *, by: Access, now: datetime
) -> Assessment:
    filled_in = FilledIn(form.answers, form.merchant_kind, form.merchant_id)
    at = form.completed_at or session.plan.starts_at
    for detail in _faults_of_time(session, at, now):
        raise invalid("completed_at", detail)
    handed = Handed(
        await city_of_form(tx, session, filled_in, by),
        at,
        form.merchant_id,
        by.person_id,
        session_id=session.id,
        merchant_kind=form.merchant_kind,
    )
    known = catalogue.published(session.questionnaire, session.questionnaire_version)
    return completed_with(known, form.answers, handed)


def _faults_of_time(session: Session, at: datetime, now: datetime) -> Iterator[str]:
    if at > now:
        yield "has not come yet"
    if not session.is_on_its_day(at):
        yield "is not on the day of the session"


def _why(problem: Problem) -> str:
    """What is wrong, without the field that the row's own name holds already."""
    return problem.detail.removeprefix(f"{problem.field}: ")
