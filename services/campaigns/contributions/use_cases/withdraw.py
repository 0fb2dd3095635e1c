"""Takes a contribution back, once, however often it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from chassis import idempotency, outbox
from chassis.database import Transaction
from chassis.problems import forbidden, not_found
from contracts.envelope import Event
from services.campaigns.contributions import facts
from services.campaigns.contributions.domain import Contribution
from services.campaigns.contributions.storage import all_with_details, of_row
from services.campaigns.contributions.tables import contribution, review
from services.campaigns.contributors import known_contributor


async def withdraw(tx: Transaction, person_id: UUID, contribution_id: UUID, now: datetime) -> Contribution:
    """Withdraw a contribution of this person and tell those who counted it.

    The text of a review goes with it, and out of the answer that a repeated request gets; the rating stays,
    so that its event can be emitted again.
    Raises the problems 404, and 403 for somebody else's.
    """
    query = all_with_details().where(contribution.c.id == contribution_id).with_for_update(of=contribution)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        raise not_found("contribution")
    found = of_row(row)
    if await known_contributor(tx, person_id) != found.contributor_id:
        raise forbidden("Only its author can withdraw a contribution.")
    if found.withdrawn_at is not None:
        return found
    withdrawn = replace(found, withdrawn_at=now)
    await tx.execute(update(contribution).where(contribution.c.id == found.id).values(withdrawn_at=now))
    await tx.execute(
        update(review).where(review.c.contribution_id == found.id).values(text="", language=None)
    )
    await idempotency.blank(tx, str(person_id), str(found.id), {"text": "", "language": None})
    if withdrawn.counts_for_audience:
        await outbox.record(tx, Event.of(facts.withdrawn(withdrawn), now))
    return withdrawn
