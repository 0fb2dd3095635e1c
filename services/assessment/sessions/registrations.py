"""Who comes to a session: as many as there are seats, then a waiting list, in the order in which they came.

Whatever changes who has a seat locks the session first, so that no two decide side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, case, delete, func, insert, select, update

from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from chassis.outbox import record
from chassis.problems import conflict, not_found
from contracts.assessment.v1 import SessionSeatGiven
from contracts.envelope import Event, Fact
from services.assessment import attendance
from services.assessment.merchants import Merchant
from services.assessment.sessions import storage
from services.assessment.sessions.domain import Session, State
from services.assessment.sessions.tables import registrations

KEPT = timedelta(days=400)
"""A year and a month: who came last year is invited to what follows."""
_seats = registrations.c


@dataclass(frozen=True)
class Registration:
    """One shop that wants to come."""

    session_id: UUID
    merchant_id: UUID
    is_waiting: bool
    ahead: int
    """How many wait before it; 0 for one that has a seat."""
    registered_at: datetime
    attended: bool | None
    """None until somebody said so."""


async def register(tx: Transaction, session: Session, merchant: Merchant, now: datetime) -> Registration:
    """Give a shop a seat of a locked session, or a place in its waiting list; its own, where it has one.

    A shop may come from another city. Raises Problem: 409 for a session that is over, and a closed shop.
    """
    if session.state is not State.ANNOUNCED or now >= session.plan.ends_at:
        raise conflict("session-over", "This session was called off, or is over.")
    if merchant.closed:
        raise conflict("merchant-closed", "This merchant has closed or is no longer listed.")
    if await find(tx, session.id, merchant.merchant_id) is None:
        await fill_seats(tx, session, now)
        taken = await seats_taken(tx, session.id)
        row = {
            "id": new_id(),
            "session_id": session.id,
            "merchant_id": merchant.merchant_id,
            "city_id": session.city_id,
            "number": await _next_number(tx, session.id),
            "is_waiting": taken >= session.plan.capacity,
            "registered_at": now,
        }
        await tx.execute(insert(registrations), row)
    return await found(tx, session.id, merchant.merchant_id)


async def withdraw(tx: Transaction, session: Session, merchant: Merchant, now: datetime) -> None:
    """A shop does not come to a locked session; its seat is the next one's."""
    mine = _seats.session_id == session.id, _seats.merchant_id == merchant.merchant_id
    await tx.execute(delete(registrations).where(*mine))
    await fill_seats(tx, session, now)


async def fill_seats(tx: Transaction, session: Session, now: datetime) -> None:
    """Seats of a locked session that became free, or more of them, go to those who wait, in order.

    They are told: nobody looks every day whether somebody else stays at home.
    """
    if session.state is not State.ANNOUNCED or now >= session.plan.ends_at:
        return
    free = session.plan.capacity - await seats_taken(tx, session.id)
    if free <= 0:
        return
    waiting = select(_seats.id).where(_seats.session_id == session.id, _seats.is_waiting)
    next_ones = waiting.order_by(_seats.number).limit(free)
    given = {"is_waiting": False, "seat_given_at": now, "told_starts_at": session.plan.starts_at}
    moved = update(registrations).where(_seats.id.in_(next_ones)).values(given).returning(registrations)
    rows = (await tx.execute(moved)).mappings().all()
    await record(tx, *map(seat_given, sorted(rows, key=lambda row: row["number"])))


def seat_given(row: Mapping[Any, Any]) -> Event[Fact]:
    """What a shop that waited is told, as it was then: the session may be moved afterwards."""
    fact = SessionSeatGiven(
        city_id=row["city_id"],
        registration_id=row["id"],
        session_id=row["session_id"],
        merchant_id=row["merchant_id"],
        starts_at=row["told_starts_at"],
    )
    return Event.of(fact, row["seat_given_at"])


async def seats_taken(tx: Transaction, session_id: UUID) -> int:
    taken = select(func.count()).where(_seats.session_id == session_id, _seats.is_waiting.is_(False))
    return await tx.scalar(taken) or 0


async def _next_number(tx: Transaction, session_id: UUID) -> int:
    """In the order of the lock: ids of several processes are not in the order of their commits."""
    last = await tx.scalar(select(func.max(_seats.number)).where(_seats.session_id == session_id))
    return (last or 0) + 1


async def find(tx: Transaction, session_id: UUID, merchant_id: UUID) -> Registration | None:
    """That of one shop."""
    mine = (each for each in await of_session(tx, session_id) if each.merchant_id == merchant_id)
    return next(mine, None)


async def found(tx: Transaction, session_id: UUID, merchant_id: UUID) -> Registration:
    """That of one shop. Raises 404."""
    registration = await find(tx, session_id, merchant_id)
    if registration is None:
        raise not_found("registration")
    return registration


async def of_session(tx: Transaction, session_id: UUID) -> Sequence[Registration]:
    """All of a session, in order; a hall holds few enough to be shown on one page."""
    ahead = func.count().filter(_seats.is_waiting).over(order_by=_seats.number) - 1
    query = (
        select(registrations, case((_seats.is_waiting, ahead), else_=0).label("ahead"))
        .where(_seats.session_id == session_id)
        .order_by(_seats.number)
    )
    return [_of_row(row) for row in (await tx.execute(query)).mappings()]


def _of_row(row: RowMapping) -> Registration:
    names = Registration.__dataclass_fields__
    return Registration(**{name: row[name] for name in names})


async def forget_merchants(tx: Transaction, merchant_ids: Sequence[UUID], now: datetime) -> None:
    """Shops that were erased come to nothing any more. Any number of times, as every erasure."""
    where: Any = _seats.merchant_id.in_(merchant_ids)
    theirs = (await tx.scalars(select(_seats.session_id).where(where).distinct())).all()
    for session_id in sorted(theirs):
        session = await storage.find(tx, session_id, to_change=True)
        await tx.execute(delete(registrations).where(where, _seats.session_id == session_id))
        await fill_seats(tx, session, now)


HISTORY = (
    # Of one that was withdrawn since, or is too old, nothing is kept, and nothing told again.
    Source(
        select(registrations)
        .where(_seats.seat_given_at.is_not(None))
        .order_by(_seats.seat_given_at, _seats.id),
        seat_given,
    ),
    attendance.history(registrations),
)
