"""Takes a contribution back, once, however often it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from chassis import idempotency, outbox
from chassis.database import Transaction
from chassis.problems import forbidden
from contracts.envelope import Event
from services.campaigns.answers import storage as answers
from services.campaigns.contributions import facts
from services.campaigns.contributions.domain import Contribution, Photo, Review, Video
from services.campaigns.contributions.storage import locked
from services.campaigns.contributions.tables import contribution, review
from services.campaigns.contributors import known_contributor
from services.campaigns.edits.tables import review_version
from services.campaigns.moderation.cases import close_withdrawn
from services.campaigns.photos.reuse import take_back
from services.campaigns.photos.storage import drop_pictures
from services.campaigns.photos.tables import photo
from services.campaigns.points import ledger
from services.campaigns.screening.look_up import forget_texts
from services.campaigns.videos.tables import video


async def withdraw(tx: Transaction, person_id: UUID, contribution_id: UUID, now: datetime) -> Contribution:
    """Withdraw a contribution of this person and tell those who counted it.

    What the author wrote goes with it, and out of the answer that a repeated request gets; so do pictures,
    and with a review the photos that were sent with it and the shop's answer. The rating stays, so that its
    event can be emitted again. Raises the problems 404, and 403 for somebody else's.
    """
    found = await locked(tx, contribution_id)
    if await known_contributor(tx, person_id) != found.contributor_id:
        raise forbidden("Only its author can withdraw a contribution.")
    if found.withdrawn_at is not None:
        return found
    withdrawn = replace(found, withdrawn_at=now)
    await tx.execute(update(contribution).where(contribution.c.id == found.id).values(withdrawn_at=now))
    await forget_texts(tx, [found.id])
    await close_withdrawn(tx, [found.id], now)
    await idempotency.blank(tx, str(person_id), str(found.id), await _blank_details(tx, found, now))
    await ledger.settle(tx, withdrawn, now)
    if withdrawn.was_told:
        await outbox.record(tx, Event.of(facts.withdrawn(withdrawn), now))
    if isinstance(found.details, Review):
        for each in await tx.scalars(select(photo.c.contribution_id).where(photo.c.review_id == found.id)):
            await withdraw(tx, person_id, each, now)
    return withdrawn


async def _blank_details(tx: Transaction, found: Contribution, now: datetime) -> dict[str, Any]:
    """Delete what the author wrote and showed; what a stored answer is to say instead."""
    match found.details:
        case Review():
            blank: dict[str, Any] = {"text": "", "language": None}
            await tx.execute(update(review).where(review.c.contribution_id == found.id).values(blank))
            earlier = update(review_version).where(review_version.c.contribution_id == found.id)
            await tx.execute(earlier.values(blank))
            await answers.remove(tx, answers.to_reviews([found.id]), now)
            return blank
        case Photo():
            await tx.execute(update(photo).where(photo.c.contribution_id == found.id).values(credit=None))
            await drop_pictures(tx, [found.id], now)
            await take_back(tx, [found.id], now)
            return {"credit": None, "attribution": None, "pictures": []}
        case Video():
            await tx.execute(update(video).where(video.c.contribution_id == found.id).values(url=""))
            return {"url": ""}
        case _:
            return {}
