"""Tells whether a shop came to a training: in a session, or in a coaching group.

Both keep, beside the answer, how often it changed, when it was noted, and when the training began by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, select, update
from sqlalchemy.sql.elements import ColumnElement

from chassis.database import Transaction
from chassis.history import Source
from chassis.outbox import record
from contracts.assessment.v1 import TrainingAttendanceNoted
from contracts.envelope import Event, Fact


class Noted(NamedTuple):
    """Whether a shop came, and to what."""

    attended: bool
    began_at: datetime
    """The training."""
    at: datetime
    """When it was noted."""


async def note_and_tell(tx: Transaction, seats: Table, which: ColumnElement[bool], noted: Noted) -> None:
    """Note it of one seat, whose training is locked, and tell it where it was not known so before."""
    known = seats.c
    change = (
        update(seats)
        .where(which, known.attended.is_distinct_from(noted.attended))
        .values(
            attended=noted.attended,
            attendance_version=known.attendance_version + 1,
            attendance_noted_at=noted.at,
            attendance_began_at=noted.began_at,
        )
        .returning(seats)
    )
    for row in (await tx.execute(change)).mappings():
        await record(tx, told(row))


def told(row: Mapping[Any, Any]) -> Event[Fact]:
    """The newest that was told of a seat."""
    fact = TrainingAttendanceNoted(
        city_id=row["city_id"],
        seat_id=row["id"],
        version=row["attendance_version"],
        merchant_id=row["merchant_id"],
        attended=row["attended"],
        began_at=row["attendance_began_at"],
    )
    return Event.of(fact, row["attendance_noted_at"])


def history(seats: Table) -> Source:
    """Each seat's newest, in the order of time."""
    known = seats.c
    query = select(seats).where(known.attendance_version > 0)
    return Source(query.order_by(known.attendance_noted_at, known.id), told)
