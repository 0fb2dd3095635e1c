"""Photos are checked before they are read, and written before they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from chassis.database import Database, Transaction
from chassis.problems import invalid
from services.campaigns.contributions.domain import Contribution, Kind, Photo
from services.campaigns.contributions.look_up import look_up
from services.campaigns.contributions.tables import contribution
from services.campaigns.contributions.use_cases.post import open_setting
from services.campaigns.files import keeping
from services.campaigns.files.store import Files
from services.campaigns.photos.encoding import Pictures
from services.campaigns.photos.storage import Picture


async def require_fit(
    database: Database, person_id: UUID, merchant_id: UUID, photo: Photo, now: datetime
) -> UUID:
    """The city of the merchant, where photos of it are taken. Raises 409 and 422 as posting them would.

    Asked first, so that nobody has pictures read and stored that nothing will show.
    """
    async with database.connection() as connection:
        surroundings = await look_up(connection, person_id, merchant_id, Kind.PHOTO, now)
        open_setting(surroundings)
        assert surroundings is not None
        if photo.review_id is not None:
            await _require_review(connection, photo.review_id, merchant_id, surroundings.contributor_id)
    return surroundings.merchant.city_id


async def require_review(tx: Transaction, posted: Contribution) -> None:
    """That the review photos go with is there, and stays until they are committed. Raises 422."""
    assert isinstance(posted.details, Photo)
    if posted.details.review_id is not None:
        await _require_review(tx, posted.details.review_id, posted.merchant_id, posted.contributor_id)


async def _require_review(
    tx: Transaction, review_id: UUID, merchant_id: UUID, contributor_id: UUID | None
) -> None:
    own = (
        select(contribution.c.id)
        .where(
            contribution.c.id == review_id,
            contribution.c.kind == Kind.REVIEW.value,
            contribution.c.merchant_id == merchant_id,
            contribution.c.contributor_id == contributor_id,
            contribution.c.withdrawn_at.is_(None),
        )
        .with_for_update(read=True)
    )
    if await tx.scalar(own) is None:
        raise invalid("review_id", "is no review of yours of this merchant")


async def store(
    database: Database, files: Files, pictures: Mapping[Picture, Pictures], city_id: UUID, now: datetime
) -> None:
    """Write the pictures. They are swept away again, unless something shows them soon."""
    async with database.transaction() as tx:
        await keeping.announce(tx, [each.id for each in pictures], city_id, now)
    for picture, encoded in pictures.items():
        await files.put(keeping.key_of(picture.id, "large"), encoded.large)
        await files.put(keeping.key_of(picture.id, "small"), encoded.small)
