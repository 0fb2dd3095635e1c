"""What is told of contributions. Their texts, and who wrote them, stay here."""

from __future__ import annotations

from contracts.campaigns.v1 import AmbassadorReviewPosted, AmbassadorShared, ContributionWithdrawn
from services.campaigns.contributions.domain import Contribution, Review


def posted(contribution: Contribution) -> AmbassadorReviewPosted | AmbassadorShared:
    """The fact of its posting."""
    if isinstance(contribution.details, Review):
        return AmbassadorReviewPosted(
            city_id=contribution.city_id,
            merchant_id=contribution.merchant_id,
            contribution_id=contribution.id,
            contributor_id=contribution.contributor_id,
            campaign_id=contribution.counting.campaign_id,
            rating=contribution.details.rating,
        )
    return AmbassadorShared(
        city_id=contribution.city_id,
        merchant_id=contribution.merchant_id,
        contribution_id=contribution.id,
        contributor_id=contribution.contributor_id,
        campaign_id=contribution.counting.campaign_id,
        channel=contribution.details.channel.value,
    )


def withdrawn(contribution: Contribution) -> ContributionWithdrawn:
    """The fact that reverses whatever it counted for."""
    return ContributionWithdrawn(
        city_id=contribution.city_id,
        merchant_id=contribution.merchant_id,
        contribution_id=contribution.id,
        kind=contribution.details.kind.value,
    )
