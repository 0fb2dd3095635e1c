"""What is told of contributions. Their texts, and who wrote them, stay here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import RowMapping

from chassis.history import Source
from contracts.campaigns.moderation import ContributionHeld, ContributionModerated, ContributionReinstated
from contracts.campaigns.v1 import (
    AmbassadorPhotoPosted,
    AmbassadorReviewPosted,
    AmbassadorShared,
    AmbassadorVideoPosted,
    ContributionWithdrawn,
)
from contracts.envelope import Event
from services.campaigns.contributions import storage
from services.campaigns.contributions.domain import Contribution, Photo, Review, Share, Standing, Video
from services.campaigns.contributions.tables import contribution, published_later, standing_change
from services.campaigns.edits.tables import review_version

Posted: TypeAlias = AmbassadorReviewPosted | AmbassadorPhotoPosted | AmbassadorVideoPosted | AmbassadorShared


def posted(new: Contribution) -> Posted:
    """The fact of its posting."""
    common: dict[str, Any] = {
        "city_id": new.city_id,
        "merchant_id": new.merchant_id,
        "contribution_id": new.id,
        "contributor_id": new.contributor_id,
        "campaign_id": new.counting.campaign_id,
    }
    match new.details:
        case Review(rating=rating):
            return AmbassadorReviewPosted(**common, rating=rating)
        case Photo():
            return AmbassadorPhotoPosted(**common)
        case Video(platform=platform):
            return AmbassadorVideoPosted(**common, platform=platform)
        case Share(channel=channel):
            return AmbassadorShared(**common, channel=channel.value)


def withdrawn(taken_back: Contribution) -> ContributionWithdrawn:
    """The fact that reverses whatever it counted for."""
    return ContributionWithdrawn(
        city_id=taken_back.city_id,
        merchant_id=taken_back.merchant_id,
        contribution_id=taken_back.id,
        kind=taken_back.details.kind.value,
    )


def restood(changed: Contribution) -> ContributionModerated | ContributionReinstated:
    """The fact of its having this standing now, where it was told before that it was posted."""
    told = ContributionReinstated if changed.standing is Standing.PUBLISHED else ContributionModerated
    return told(
        city_id=changed.city_id,
        merchant_id=changed.merchant_id,
        contribution_id=changed.id,
        kind=changed.details.kind.value,
        version=changed.standing_version,
    )


def held(changed: Contribution, reasons: tuple[str, ...]) -> ContributionHeld:
    """The fact of its waiting for a look, for its author."""
    return ContributionHeld(
        city_id=changed.city_id,
        merchant_id=changed.merchant_id,
        contribution_id=changed.id,
        contributor_id=changed.contributor_id,
        kind=changed.details.kind.value,
        reasons=reasons,
        version=changed.standing_version,
    )


def _posted(row: RowMapping) -> Event[Posted]:
    known = storage.of_row(row)
    if isinstance(known.details, Review) and row["first_rating"] is not None:
        known = replace(known, details=replace(known.details, rating=row["first_rating"]))
    assert known.published_at is not None
    return Event.of(posted(known), known.published_at)


def _restood(row: RowMapping) -> Event[ContributionModerated | ContributionReinstated]:
    standing, version = Standing(row["changed_standing"]), row["changed_version"]
    changed = replace(storage.of_row(row), standing=standing, standing_version=version)
    return Event.of(restood(changed), row["changed_at"])


def _held(row: RowMapping) -> Event[ContributionHeld]:
    changed = replace(storage.of_row(row), standing_version=row["changed_version"])
    return Event.of(held(changed, tuple(row["changed_reasons"])), row["changed_at"])


def _withdrawn(row: RowMapping) -> Event[ContributionWithdrawn]:
    known = storage.of_row(row)
    assert known.withdrawn_at is not None
    return Event.of(withdrawn(known), known.withdrawn_at)


_told = storage.all_with_details().where(
    contribution.c.counts_for_audience, contribution.c.published_at.is_not(None)
)
# A review is told again as it was posted, whatever it says since.
_as_posted = _told.add_columns(review_version.c.rating.label("first_rating")).outerjoin(
    review_version,
    (review_version.c.contribution_id == contribution.c.id) & (review_version.c.version == 1),
)
_changed = (
    standing_change.c.standing.label("changed_standing"),
    standing_change.c.version.label("changed_version"),
    standing_change.c.at.label("changed_at"),
)
HISTORY = (
    Source(_as_posted.where(~published_later).order_by(contribution.c.id), _posted),
    Source(_as_posted.where(published_later).order_by(contribution.c.published_at), _posted),
    Source(
        storage.all_with_details()
        .add_columns(*_changed)
        .join(standing_change, standing_change.c.contribution_id == contribution.c.id)
        .where(standing_change.c.told)
        .order_by(standing_change.c.at, standing_change.c.version),
        _restood,
    ),
    Source(
        storage.all_with_details()
        .add_columns(*_changed, standing_change.c.reasons.label("changed_reasons"))
        .join(standing_change, standing_change.c.contribution_id == contribution.c.id)
        .where(standing_change.c.standing == Standing.HELD.value)
        .order_by(standing_change.c.at, standing_change.c.version),
        _held,
    ),
    Source(
        _told.where(contribution.c.withdrawn_at.is_not(None)).order_by(contribution.c.withdrawn_at),
        _withdrawn,
    ),
)
