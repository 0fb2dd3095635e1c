"""A shop takes photos that show it for its own use while they are public, and hears when they are gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.problems import conflict
from contracts.campaigns.photos import ContributionPhotoReused, ReusedPhotoTakenBack
from contracts.envelope import Event
from services.campaigns.contributions import storage
from services.campaigns.contributions.domain import Contribution, Photo, brussels_day
from services.campaigns.contributions.tables import contribution
from services.campaigns.photos.storage import is_shown
from services.campaigns.photos.tables import photo, picture


async def reuse(tx: Transaction, found: Contribution, details: Photo, now: datetime) -> Contribution:
    """Note that the shop uses these photos of it, locked by the caller, and tell it; once.

    Whatever licence their author chose lets the shop do so (`Licence`). Raises 409 where they are gone, or
    not public.
    """
    await _require_shown(tx, found)
    if details.reused_at is not None:
        return found
    await tx.execute(update(photo).where(photo.c.contribution_id == found.id).values(reused_at=now))
    reused = replace(found, details=replace(details, reused_at=now))
    if reused.was_told:
        await outbox.record(tx, _told(reused, now))
    return reused


async def take_back(tx: Transaction, contribution_ids: Collection[UUID], now: datetime) -> None:
    """Tell the shops that use these photos that they are gone, once.

    Whoever was told a name is told that it is deleted (GDPR, article 19).
    """
    used = photo.c.reused_at.is_not(None) & photo.c.taken_back_at.is_(None)
    gone = (
        update(photo)
        .where(photo.c.contribution_id.in_(contribution_ids), used)
        .values(taken_back_at=now)
        .returning(photo.c.contribution_id)
    )
    ids = (await tx.scalars(gone)).all()
    if ids:
        rows = (await tx.execute(_TAKEN_BACK.where(contribution.c.id.in_(ids)))).mappings().all()
        await outbox.record(tx, *(_taken_back(row) for row in rows))


async def _require_shown(tx: Transaction, found: Contribution) -> None:
    if not await _is_any(tx, found.id):  # taken back, or of an author who was erased
        raise conflict("photo-gone", "These photos are gone: their author took them back.")
    shown = select(photo.c.contribution_id).join(contribution, contribution.c.id == photo.c.contribution_id)
    if await tx.scalar(shown.where(photo.c.contribution_id == found.id, is_shown)) is None:
        raise conflict(
            "photo-not-public", "These photos are not public: the city looks at them, or has removed them."
        )


async def _is_any(tx: Transaction, contribution_id: UUID) -> bool:
    any_picture = select(picture.c.id).where(picture.c.contribution_id == contribution_id).limit(1)
    return await tx.scalar(any_picture) is not None


def _told(reused: Contribution, at: datetime) -> Event[ContributionPhotoReused]:
    fact = ContributionPhotoReused(
        city_id=reused.city_id,
        contribution_id=reused.id,
        merchant_id=reused.merchant_id,
        contributor_id=reused.contributor_id,
    )
    return Event.of(fact, at)


def _told_again(row: RowMapping) -> Event[ContributionPhotoReused]:
    return _told(storage.of_row(row), row["reused_at"])


def _taken_back(row: Any) -> Event[ReusedPhotoTakenBack]:
    fact = ReusedPhotoTakenBack(
        city_id=row["city_id"],
        contribution_id=row["id"],
        merchant_id=row["merchant_id"],
        posted_on=brussels_day(row["posted_at"]),
    )
    return Event.of(fact, row["taken_back_at"])


_TAKEN_BACK = (
    select(contribution, photo.c.taken_back_at)
    .join(photo, photo.c.contribution_id == contribution.c.id)
    .where(contribution.c.counts_for_audience, photo.c.taken_back_at.is_not(None))
    .order_by(photo.c.taken_back_at, contribution.c.id)
)
HISTORY = (
    Source(
        storage.all_with_details()
        .where(contribution.c.counts_for_audience, photo.c.reused_at.is_not(None))
        .order_by(photo.c.reused_at, contribution.c.id),
        _told_again,
    ),
    Source(_TAKEN_BACK, _taken_back),
)
