"""A shop that was at the training it asked for has been served: nobody calls it, and it may ask again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from chassis.database import Transaction
from services.assessment.requests.tables import training_requests
from services.assessment.requests.use_cases import close

_C = training_requests.c


@dataclass(frozen=True)
class Given:
    """A training, as it was given in a session."""

    session_id: UUID
    training: str
    ended_at: datetime


async def lock_those_of(tx: Transaction, merchant_id: UUID) -> None:
    """Requests are locked before sessions and groups, everywhere, so that no two wait for each other."""
    await tx.execute(select(_C.id).where(_C.merchant_id == merchant_id).order_by(_C.id).with_for_update())


async def serve_by(tx: Transaction, given: Given, merchant_id: UUID, now: datetime) -> None:
    """End the shop's request for this training, if one is open; one that came after it asks for another.

    Done twice, the first time stays.
    """
    open_one = select(_C.id).where(
        _C.merchant_id == merchant_id,
        _C.wish == given.training,
        _C.requested_at < given.ended_at,
        _C.withdrawn_at.is_(None),
        _C.served_at.is_(None),
    )
    for request_id in (await tx.execute(open_one)).scalars().all():
        await close(tx, request_id, now, served_at=now, served_in=given.session_id)


async def take_up_again(tx: Transaction, session_id: UUID, merchant_id: UUID) -> None:
    """The shop was not there after all: its request is open as before, where it has not asked anew since."""
    served = _C.merchant_id == merchant_id, _C.served_in == session_id
    try:
        async with tx.begin_nested():
            await tx.execute(update(training_requests).where(*served).values(served_at=None, served_in=None))
    except IntegrityError:  # of one wish, one is open: that is the newer one now
        return
