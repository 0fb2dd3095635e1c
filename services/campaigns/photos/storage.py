"""Pictures from and to their table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import case, delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.campaigns.contributions.domain import Standing
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.files import keeping
from services.campaigns.photos.tables import photo, picture


@dataclass(frozen=True)
class Picture:
    """One picture; its id is that of its files."""

    id: UUID
    alt: str
    """What it shows, for who cannot see it."""
    width: int
    height: int


Shown: TypeAlias = Mapping[UUID, Sequence[Picture]]
"""The pictures to show with a contribution, by its id."""


_review = contribution.alias("review")
is_shown = is_public & ~exists().where(
    _review.c.id == photo.c.review_id, _review.c.standing != Standing.PUBLISHED.value
)
"""Of a photo joined with its contribution: it is public, and so is the review it goes with, if any."""


async def add_pictures(tx: Transaction, contribution_id: UUID, pictures: Sequence[Picture]) -> None:
    """Store them in this order, and keep their files."""
    rows = [
        {**asdict(each), "contribution_id": contribution_id, "position": position}
        for position, each in enumerate(pictures)
    ]
    await tx.execute(insert(picture), rows)
    await keeping.keep(tx, [each.id for each in pictures])


async def pictures_with(
    connection: AsyncConnection, ids: Collection[UUID], *, to_officers: bool = False
) -> Shown:
    """Of photos, and of reviews the photos that go with them, as far as these are public; or all."""
    if not ids:
        return {}
    goes_with = case((photo.c.contribution_id.in_(ids), photo.c.contribution_id), else_=photo.c.review_id)
    query = (
        select(goes_with.label("shown_with"), picture.c.id, picture.c.alt, picture.c.width, picture.c.height)
        .join(photo, photo.c.contribution_id == picture.c.contribution_id)
        .join(contribution, contribution.c.id == photo.c.contribution_id)
        .where(photo.c.contribution_id.in_(ids) | photo.c.review_id.in_(ids))
        .where(is_public | to_officers)
        .order_by(picture.c.contribution_id, picture.c.position)
    )
    found: dict[UUID, list[Picture]] = {}
    for shown_with, *columns in await connection.execute(query):
        found.setdefault(shown_with, []).append(Picture(*columns))
    return found


async def drop_pictures(tx: Transaction, contribution_ids: Collection[UUID], now: datetime) -> None:
    """They are shown no more from the commit on, and their files go soon after."""
    gone = delete(picture).where(picture.c.contribution_id.in_(contribution_ids)).returning(picture.c.id)
    await keeping.discard(tx, (await tx.execute(gone)).scalars().all(), now)
