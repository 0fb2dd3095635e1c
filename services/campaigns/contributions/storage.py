"""Contributions from and to their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from chassis.compiled import Compiled
from chassis.database import Transaction
from chassis.problems import not_found
from services.campaigns.contributions.domain import (
    Channel,
    Contribution,
    Counting,
    Details,
    Kind,
    Licence,
    People,
    Photo,
    Reason,
    Review,
    Share,
    Standing,
    Tie,
    Video,
    brussels_day,
)
from services.campaigns.contributions.tables import contribution, holds_slot, review, share
from services.campaigns.photos.tables import photo
from services.campaigns.videos.tables import video

# Contribution and details in one statement: one round trip, and nothing is written where the slot is taken.
_posted = (
    insert(contribution)
    .values({column.name: bindparam(column.name, type_=column.type) for column in contribution.c})
    .on_conflict_do_nothing()  # `contribution_once`, `video_once`
    .returning(contribution.c.id)
    .cte("posted")
)
_TABLES = {Kind.REVIEW: review, Kind.PHOTO: photo, Kind.VIDEO: video, Kind.SHARE: share}
_added = {
    kind: plain_insert(details)
    .from_select(
        [column.name for column in details.c],
        select(
            _posted.c.id,
            *(
                bindparam(f"details_{column.name}", type_=column.type)
                for column in details.c
                if not column.primary_key
            ),
        ),
    )
    .returning(details.c.contribution_id)
    for kind, details in _TABLES.items()
}
_ADD = {kind: Compiled(added) for kind, added in _added.items()}


async def add(tx: Transaction, new: Contribution) -> bool:
    """Store a contribution; False, and nothing stored, where its author holds one in its slot.

    Waits for another transaction that is about to take the same slot.
    """
    values = {
        "id": new.id,
        "city_id": new.city_id,
        "merchant_id": new.merchant_id,
        "contributor_id": new.contributor_id,
        "kind": new.details.kind.value,
        "slot": new.slot,
        "campaign_id": new.counting.campaign_id,
        "reason": new.counting.reason and new.counting.reason.value,
        "counts_for_audience": new.counts_for_audience,
        "posted_at": new.posted_at,
        "withdrawn_at": None,
        "standing": new.standing.value,
        "standing_version": new.standing_version,
        "published_at": new.published_at,
    }
    return bool(await _ADD[new.details.kind].rows(tx, values | _details(new)))


async def holder_of_slot(tx: Transaction, wanted: Contribution) -> UUID | None:
    """The contribution that keeps `wanted` from being made."""
    return await tx.scalar(
        select(contribution.c.id).where(
            contribution.c.contributor_id == wanted.contributor_id,
            (contribution.c.merchant_id == wanted.merchant_id) | isinstance(wanted.details, Video),
            contribution.c.kind == wanted.details.kind.value,
            contribution.c.slot == wanted.slot,
            holds_slot,
        )
    )


def all_with_details() -> Select[Any]:
    """Contributions of every kind, each with its details; to be narrowed and read by `of_row`."""
    return (
        select(
            contribution,
            review.c.rating,
            review.c.text,
            review.c.language,
            review.c.tie,
            review.c.version,
            review.c.edited_at,
            photo.c.licence,
            photo.c.people,
            photo.c.tie.label("photo_tie"),
            photo.c.credit,
            photo.c.review_id,
            photo.c.reused_at,
            video.c.platform,
            video.c.url,
            video.c.tie.label("video_tie"),
            share.c.channel,
        )
        .outerjoin(review, review.c.contribution_id == contribution.c.id)
        .outerjoin(photo, photo.c.contribution_id == contribution.c.id)
        .outerjoin(video, video.c.contribution_id == contribution.c.id)
        .outerjoin(share, share.c.contribution_id == contribution.c.id)
    )


async def locked(tx: Transaction, contribution_id: UUID) -> Contribution:
    """The contribution, until the end of the transaction nobody else's to change. Raises the problem 404."""
    this = contribution.c.id == contribution_id
    # By a statement of its own: the next one sees what the one before us committed, details too.
    await tx.execute(select(contribution.c.id).where(this).with_for_update())
    row = (await tx.execute(all_with_details().where(this))).mappings().first()
    if row is None:
        raise not_found("contribution")
    return of_row(row)


def of_row(row: Mapping[Any, Any]) -> Contribution:
    """The contribution in a row of `all_with_details`."""
    return Contribution(
        id=row["id"],
        city_id=row["city_id"],
        merchant_id=row["merchant_id"],
        contributor_id=row["contributor_id"],
        details=_details_of_row(row),
        counting=Counting(row["campaign_id"], Reason(row["reason"]) if row["reason"] else None),
        posted_at=row["posted_at"],
        withdrawn_at=row["withdrawn_at"],
        standing=Standing(row["standing"]),
        standing_version=row["standing_version"],
        published_at=row["published_at"],
    )


def _details_of_row(row: Mapping[Any, Any]) -> Details:
    match row["kind"]:
        case Kind.REVIEW:
            said = row["rating"], row["text"], row["language"], Tie(row["tie"])
            return Review(*said, row["version"], row["edited_at"])
        case Kind.PHOTO:
            terms = Licence(row["licence"]), People(row["people"]), Tie(row["photo_tie"])
            return Photo(*terms, row["credit"], row["review_id"], row["reused_at"])
        case Kind.VIDEO:
            return Video(row["platform"], row["url"], Tie(row["video_tie"]))
        case _:
            return Share(Channel(row["channel"]))


def _details(of: Contribution) -> dict[str, object]:
    """As columns of the kind's own table, by the names that `_ADD` binds."""
    columns = dict(vars(of.details))
    if isinstance(of.details, Share):
        columns["day"] = brussels_day(of.posted_at)
    return {f"details_{name}": value for name, value in columns.items()}
