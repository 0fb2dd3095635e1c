"""Who came to a session. A training that was given is not asked for any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from chassis.database import Transaction
from services.assessment.attendance import Noted, note_and_tell
from services.assessment.requests.attending import Given, serve_by, take_up_again
from services.assessment.sessions.domain import Session
from services.assessment.sessions.registrations import Registration, found
from services.assessment.sessions.tables import registrations


async def attend(
    tx: Transaction, session: Session, merchant_id: UUID, *, attended: bool, now: datetime
) -> Registration:
    """Note whether a shop came to a locked session; its requests are locked before. Raises 404."""
    mine = (registrations.c.session_id == session.id) & (registrations.c.merchant_id == merchant_id)
    if session.plan.training is None:
        await tx.execute(update(registrations).where(mine).values(attended=attended))
    else:
        await note_and_tell(tx, registrations, mine, Noted(attended, session.plan.starts_at, now))
    registration = await found(tx, session.id, merchant_id)
    if not attended:
        await take_up_again(tx, session.id, merchant_id)
    elif session.plan.training is not None:
        given = Given(session.id, session.plan.training, session.plan.ends_at)
        await serve_by(tx, given, merchant_id, now)
    return registration
