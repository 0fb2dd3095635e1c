"""What is told of erasures, and how it is told again: after a restore, everybody has to forget once more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select

from chassis import erasure as mechanics
from chassis.history import Source
from contracts.directory.v1 import PersonalDataErased, PersonErasureRequested
from contracts.envelope import EVERYWHERE, Event
from services.directory.erasures.domain import Erasure
from services.directory.erasures.storage import of_row
from services.directory.erasures.tables import erasure


def requested(confirmed: Erasure, at: datetime) -> Event[PersonErasureRequested]:
    """The event that makes every owner forget a person."""
    fact = PersonErasureRequested(
        city_id=EVERYWHERE,
        erasure_id=confirmed.id,
        person_id=confirmed.person_id,
        closed_merchant_ids=confirmed.closed_merchant_ids,
        left_merchant_ids=confirmed.left_merchant_ids,
    )
    return Event.of(fact, at)


def done(erasure_id: UUID) -> PersonalDataErased:
    """The directory's own part."""
    return PersonalDataErased(city_id=EVERYWHERE, erasure_id=erasure_id)


def _requested(row: RowMapping) -> Event[PersonErasureRequested]:
    return requested(of_row(row), row["confirmed_at"])


REQUESTS = Source(
    select(erasure).where(erasure.c.confirmed_at.is_not(None)).order_by(erasure.c.confirmed_at), _requested
)
HISTORY = (REQUESTS, *mechanics.history(done))
