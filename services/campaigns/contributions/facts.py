"""What is told of contributions. Their texts, and who wrote them, stay here."""

from __future__ import annotations

from sqlalchemy import RowMapping

from chassis.history import Source
from contracts.campaigns.v1 import AmbassadorReviewPosted, AmbassadorShared, ContributionWithdrawn
from contracts.envelope import Event
from services.campaigns.contributions import storage
from services.campaigns.contributions.domain import Contribution, Review
from services.campaigns.contributions.tables import contribution


def posted(new: Contribution) -> AmbassadorReviewPosted | AmbassadorShared:
    """The fact of its posting."""
    if isinstance(new.details, Review):
        return AmbassadorReviewPosted(
            city_id=new.city_id,
            merchant_id=new.merchant_id,
            contribution_id=new.id,
            contributor_id=new.contributor_id,
            campaign_id=new.counting.campaign_id,
            rating=new.details.rating,
        )
    return AmbassadorShared(
        city_id=new.city_id,
        merchant_id=new.merchant_id,
        contribution_id=new.id,
        contributor_id=new.contributor_id,
        campaign_id=new.counting.campaign_id,
        channel=new.details.channel.value,
    )


def withdrawn(taken_back: Contribution) -> ContributionWithdrawn:
    """The fact that reverses whatever it counted for."""
    return ContributionWithdrawn(
        city_id=taken_back.city_id,
        merchant_id=taken_back.merchant_id,
        contribution_id=taken_back.id,
        kind=taken_back.details.kind.value,
    )


def _posted(row: RowMapping) -> Event[AmbassadorReviewPosted | AmbassadorShared]:
    known = storage.of_row(row)
    return Event.of(posted(known), known.posted_at)


def _withdrawn(row: RowMapping) -> Event[ContributionWithdrawn]:
    known = storage.of_row(row)
    assert known.withdrawn_at is not None
    return Event.of(withdrawn(known), known.withdrawn_at)


_told = storage.all_with_details().where(contribution.c.counts_for_audience)
HISTORY = (
    Source(_told.order_by(contribution.c.id), _posted),
    Source(
        _told.where(contribution.c.withdrawn_at.is_not(None)).order_by(contribution.c.withdrawn_at),
        _withdrawn,
    ),
)
