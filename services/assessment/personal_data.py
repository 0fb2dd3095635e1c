"""What the assessment knows about a person, how they see it, and what an erasure leaves of it.

A score about a sole trader is personal data: it goes with a shop that is closed with its owner. Handed in
for a shop that goes on, it is the shop's, and only stops saying by whom. What a report says of five shops
or more is about none of them; an erased one leaves it with four others (see reports/domain/blocks.py).
"""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, cut, kept, own_merchants, rows
from services.assessment.assessments.tables import assessments
from services.assessment.coaching.tables import coaching_groups, coaching_seats
from services.assessment.progress.tables import declared_done
from services.assessment.reports import storage as reports
from services.assessment.reports.tables import report_members
from services.assessment.requests.tables import training_requests
from services.assessment.sessions.registrations import forget_merchants
from services.assessment.sessions.tables import registrations


async def _show(connection: AsyncConnection, principal: Principal) -> Rows:
    known = assessments.c
    shown = (column for column in known if column is not known.completed_by)
    own = known.merchant_id.in_(own_merchants(principal)) | (known.completed_by == principal.person_id)
    return await rows(connection, select(*shown).where(own).order_by(known.id))


async def _erase(tx: Transaction, asked: Erasure) -> None:
    known = assessments.c
    if asked.closed_merchants:
        await reports.lock(tx)
        gone = delete(assessments).where(known.merchant_id.in_(asked.closed_merchants)).returning(known.id)
        erased = [*(await tx.execute(gone)).scalars()]
        in_blocks = report_members.c.assessment_id.in_(erased)
        await tx.execute(update(report_members).where(in_blocks).values(gone=True))
    by_them = known.completed_by == asked.person_id
    await tx.execute(update(assessments).where(by_them).values(completed_by=None))


async def _show_requests(connection: AsyncConnection, principal: Principal) -> Rows:
    known = training_requests.c
    shown = (column for column in known if column is not known.requested_by)
    own = known.merchant_id.in_(own_merchants(principal)) | (known.requested_by == principal.person_id)
    return await rows(connection, select(*shown).where(own).order_by(known.id))


async def _erase_requests(tx: Transaction, asked: Erasure) -> None:
    """Consent ends with the account in which it was given, also at a shop that goes on."""
    known = training_requests.c
    of_the_shops = known.merchant_id.in_([*asked.closed_merchants, *asked.left_merchants])
    await tx.execute(delete(training_requests).where(of_the_shops | (known.requested_by == asked.person_id)))


async def _show_done(connection: AsyncConnection, principal: Principal) -> Rows:
    of_theirs = select(assessments.c.id).where(assessments.c.merchant_id.in_(own_merchants(principal)))
    known = declared_done.c
    mine = select(declared_done).where(known.assessment_id.in_(of_theirs))
    return await rows(connection, mine.order_by(known.done_on, known.kind, known.key))


async def _show_registrations(connection: AsyncConnection, principal: Principal) -> Rows:
    known = registrations.c
    hidden = (known.id, known.city_id, known.number)
    shown = (column for column in known if column not in hidden)
    own = known.merchant_id.in_(own_merchants(principal))
    return await rows(connection, select(*shown).where(own).order_by(known.id))


async def _erase_registrations(tx: Transaction, asked: Erasure) -> None:
    await forget_merchants(tx, asked.closed_merchants, asked.at)


async def _show_seats(connection: AsyncConnection, principal: Principal) -> Rows:
    known, groups = coaching_seats.c, coaching_groups.c
    said = (groups.starts_at, groups.place, groups.dimension, known.state, known.taken_at, known.attended)
    own = known.merchant_id.in_(own_merchants(principal))
    return await rows(connection, select(*said).join(coaching_groups).where(own).order_by(known.id))


HOLDINGS = (
    Holding("assessments", (assessments.c.completed_by,), _show, _erase),
    Holding("training_requests", (training_requests.c.requested_by,), _show_requests, _erase_requests),
    # Of a shop; it goes with its assessments.
    Holding("declared_done", (), _show_done, kept),
    Holding("session_registrations", (), _show_registrations, _erase_registrations),
    # They go with the requests.
    Holding("coaching_seats", (), _show_seats, kept),
    cut("coaching_groups made", coaching_groups.c.made_by, coaching_groups.c.id, coaching_groups.c.made_at),
)
