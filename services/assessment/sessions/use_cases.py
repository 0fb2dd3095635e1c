"""What consultants do with sessions. Each runs in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from contracts.assessment.v1 import SessionHeld
from contracts.envelope import Event, Fact
from services.assessment.advice.catalogue import Catalogue as Advice
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.sessions import registrations, storage
from services.assessment.sessions.domain import InvalidPlan, Plan, Session
from services.assessment.sessions.tables import sessions


async def announce(
    tx: Transaction, city_id: UUID, plan: Plan, form: Questionnaire, advice: Advice
) -> Session:
    """Make a session known, and give it a join code. Raises InvalidPlan."""
    _check(plan, advice)
    new = Session(
        id=new_id(),
        city_id=city_id,
        plan=plan,
        questionnaire=form.name,
        questionnaire_version=form.version,
        join_code=None,
    )
    return await storage.add(tx, new)


async def revise(tx: Transaction, session: Session, plan: Plan, advice: Advice, now: datetime) -> Session:
    """Change what was announced of a locked session. Raises InvalidPlan or IllegalTransition."""
    _check(plan, advice)
    revised = session.revised(plan)
    taken = await registrations.seats_taken(tx, session.id)
    if plan.capacity < taken:
        raise InvalidPlan("capacity", f"{taken} have a seat already")
    await storage.save(tx, revised)
    await registrations.fill_seats(tx, revised, now)
    return revised


async def cancel(tx: Transaction, session: Session) -> Session:
    """Call a locked session off. Raises IllegalTransition."""
    cancelled = session.cancelled()
    await storage.save(tx, cancelled)
    return cancelled


async def hold(tx: Transaction, session: Session, participants: int, now: datetime) -> Session:
    """Say that a locked session was held, and tell everybody. Raises IllegalTransition."""
    held = session.held_with(participants, await storage.forms_of(tx, session.id), now)
    await storage.save(tx, held)
    await outbox.record(tx, event_of(held))
    return held


def _check(plan: Plan, advice: Advice) -> None:
    plan.check()
    if plan.training is not None and plan.training not in advice.trainings:
        raise InvalidPlan("training", "no such training is in the catalogue")


def event_of(session: Session) -> Event[Fact]:
    """What is told of a session that was held. It changes no more."""
    assert session.held is not None
    fact: Fact = SessionHeld(
        city_id=session.city_id,
        session_id=session.id,
        kind=session.plan.kind.value,
        training=session.plan.training,
        starts_at=session.plan.starts_at,
        participants=session.held.participants,
        forms=session.held.forms,
    )
    return Event.of(fact, session.held.at)


def _told(row: RowMapping) -> Event[Fact]:
    return event_of(storage.of_row(row))


HISTORY = (
    Source(
        select(sessions).where(sessions.c.held_at.is_not(None)).order_by(sessions.c.held_at, sessions.c.id),
        _told,
    ),
)
