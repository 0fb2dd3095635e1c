"""An author changes a review. What it said before is kept; it never counts again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.problems import conflict, forbidden, not_found
from contracts.campaigns.v1 import ContributionEdited
from contracts.envelope import Event
from services.campaigns.contributions import storage
from services.campaigns.contributions.domain import Contribution, Kind, Review
from services.campaigns.contributions.language import recognised
from services.campaigns.contributions.tables import contribution, review
from services.campaigns.contributors import known_contributor
from services.campaigns.edits.tables import review_version
from services.campaigns.moderation.cases import hold
from services.campaigns.screening.domain import NOWHERE
from services.campaigns.screening.screen import Screening, Seen, screen_again

MOST_VERSIONS = 50
"""Of one review. Whoever changes their mind more often withdraws it."""


async def own_review(tx: Transaction, person_id: UUID, contribution_id: UUID) -> tuple[Contribution, Review]:
    """The person's review, locked. Raises the problems 404, 403 for somebody else's, 409 for no review."""
    this = contribution.c.id == contribution_id
    # Locked by a statement of its own: the next one sees what the one before us committed, details too.
    await tx.execute(select(contribution.c.id).where(this).with_for_update())
    row = (await tx.execute(storage.all_with_details().where(this))).mappings().first()
    if row is None or row["withdrawn_at"] is not None:
        raise not_found("contribution")
    found = storage.of_row(row)
    if await known_contributor(tx, person_id) != found.contributor_id:
        raise forbidden("Only its author can change or look into a contribution.")
    if not isinstance(found.details, Review):
        raise conflict("not-editable", "Only reviews are edited. Withdraw this one, and make another.")
    return found, found.details


async def edit(
    tx: Transaction, found: Contribution, before: Review, after: Review, *, person_id: UUID, now: datetime
) -> Contribution:
    """Let a locked review say something else. Nothing happens where it says the same."""
    if (before.rating, before.text, before.language) == (after.rating, after.text, after.language):
        return found
    if before.version == MOST_VERSIONS:
        raise conflict("edited-too-often", f"A review has {MOST_VERSIONS} versions at most.")
    edited = replace(after, version=before.version + 1, edited_at=now)
    if before.version == 1:
        await tx.execute(insert(review_version).values(_row(found.id, before, found.posted_at)))
    await tx.execute(insert(review_version).values(_row(found.id, edited, now)))
    said = {"rating": edited.rating, "text": edited.text, "language": edited.language}
    changed = update(review).where(review.c.contribution_id == found.id)
    await tx.execute(changed.values(**said, version=edited.version, edited_at=now))
    # A repeated request does not bring back what its author no longer says.
    await idempotency.blank(tx, str(person_id), str(found.id), said)
    if found.counts_for_audience:
        row = {"merchant_id": found.merchant_id, "city_id": found.city_id, **_row(found.id, edited, now)}
        await outbox.record(tx, _event(row))
    return await _looked_at(tx, replace(found, details=edited), edited, now)


async def _looked_at(tx: Transaction, edited: Contribution, said: Review, now: datetime) -> Contribution:
    """Held, where a rule about texts asks for a look at what it says now."""
    reasons = await screen_again(
        tx,
        Screening(
            contribution_id=edited.id,
            contributor_id=edited.contributor_id,
            merchant_id=edited.merchant_id,
            place=NOWHERE,
            details=said,
            seen=Seen(await recognised(said.text)),
            now=now,
        ),
    )
    return await hold(tx, edited, reasons, now) if reasons else edited


async def versions(connection: AsyncConnection, contribution_id: UUID) -> Sequence[RowMapping]:
    """All that the review said, the first first; none where it was never edited."""
    query = select(review_version).where(review_version.c.contribution_id == contribution_id)
    return (await connection.execute(query.order_by(review_version.c.version))).mappings().all()


def _row(contribution_id: UUID, said: Review, at: datetime) -> dict[str, Any]:
    return {
        "contribution_id": contribution_id,
        "version": said.version,
        "rating": said.rating,
        "text": said.text,
        "language": said.language,
        "written_at": at,
    }


def _event(row: Any) -> Event[ContributionEdited]:
    edited = ContributionEdited(
        city_id=row["city_id"],
        merchant_id=row["merchant_id"],
        contribution_id=row["contribution_id"],
        version=row["version"],
        kind=Kind.REVIEW.value,
        rating=row["rating"],
    )
    return Event.of(edited, row["written_at"])


HISTORY = (
    Source(
        select(review_version, contribution.c.city_id, contribution.c.merchant_id)
        .join(contribution, contribution.c.id == review_version.c.contribution_id)
        .where(contribution.c.counts_for_audience, review_version.c.version > 1)
        .order_by(review_version.c.written_at),
        _event,
    ),
)
