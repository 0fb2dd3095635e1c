"""An officer takes a case and decides it: once, however many try."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from chassis import outbox
from chassis.database import Transaction
from chassis.ids import new_id
from contracts.envelope import Event
from services.campaigns.contributions import standing
from services.campaigns.contributions.domain import Contribution
from services.campaigns.moderation import facts, storage
from services.campaigns.moderation.domain import LEASE, Case, Decision, Outcome, check_may_decide
from services.campaigns.moderation.tables import moderation_case


async def take(tx: Transaction, case: Case, officer: UUID, now: datetime) -> Case:
    """Keep a locked case for this officer for a while. Raises Refused."""
    check_may_decide(case, officer, await _earlier(tx, case), now)
    return await _leased(tx, replace(case, taken_by=officer, taken_until=now + LEASE))


async def give_back(tx: Transaction, case: Case, officer: UUID) -> None:
    """Let others take a locked case; nothing changes where it is not this officer's."""
    if case.taken_by == officer:
        await _leased(tx, replace(case, taken_by=None, taken_until=None))


async def decide(
    tx: Transaction,
    case: Case,
    about: Contribution,
    decided: tuple[Outcome, str, str],
    *,
    by: UUID,
    now: datetime,
) -> Decision:
    """Decide a locked case: outcome, ground and statement. Raises Refused."""
    check_may_decide(case, by, await _earlier(tx, case), now)
    outcome, ground, statement = decided
    new = Decision(
        id=new_id(),
        case_id=case.id,
        city_id=case.city_id,
        contribution_id=case.contribution_id,
        outcome=outcome,
        ground=ground,
        statement=statement,
        at=now,
        person_id=by,
    )
    await storage.add_decision(tx, new)
    over = {"decided_at": now, "taken_by": None, "taken_until": None}
    await tx.execute(update(moderation_case).where(moderation_case.c.id == case.id).values(over))
    await standing.change(tx, about, outcome.standing, standing.Why((ground,), statement, by), now)
    reporters = (await tx.scalars(facts.reporters_of(case, now))).all()
    await outbox.record(tx, Event.of(facts.decided(new, case, about, reporters), now))
    return new


async def _earlier(tx: Transaction, case: Case) -> list[Decision]:
    if not case.is_appeal:
        return []
    return list((await storage.decisions_about(tx, [case.contribution_id]))[case.contribution_id])


async def _leased(tx: Transaction, case: Case) -> Case:
    lease = {"taken_by": case.taken_by, "taken_until": case.taken_until}
    await tx.execute(update(moderation_case).where(moderation_case.c.id == case.id).values(lease))
    return case
