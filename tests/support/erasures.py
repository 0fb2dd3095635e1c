"""The fact that somebody is to be forgotten, as the directory tells it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.clock import utc_now
from chassis.ids import new_id
from contracts.directory.v1 import PersonErasureRequested
from contracts.envelope import EVERYWHERE, Event


def erasure_of(
    person: UUID, *, closed: Sequence[UUID] = (), left: Sequence[UUID] = (), at: datetime | None = None
) -> Event[PersonErasureRequested]:
    """The event."""
    fact = PersonErasureRequested(
        city_id=EVERYWHERE,
        erasure_id=new_id(),
        person_id=person,
        closed_merchant_ids=tuple(closed),
        left_merchant_ids=tuple(left),
    )
    return Event.of(fact, at or utc_now())
