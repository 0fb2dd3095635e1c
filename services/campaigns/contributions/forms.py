"""Contributions as they are written and read over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.http import Body, Shown
from services.campaigns.contributions.disclosures import Disclosures, told_beside
from services.campaigns.contributions.domain import (
    Channel,
    Contribution,
    Kind,
    Reason,
    Review,
    Share,
    Tie,
    plain_text,
)

Language = Literal["fr", "nl", "de", "en"]
# Control characters are taken out instead of refused: they come with text that was pasted.
ReviewText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(plain_text)]


class ReviewWritten(Body):
    """An opinion about a merchant."""

    merchant_id: UUID
    rating: Annotated[int, Field(ge=1, le=5, strict=True)]
    text: ReviewText = ""
    language: Language | None = Field(None, description="Told from the text where it is left out.")
    tie: Tie = Field(Tie.NONE, description="What binds the author to the merchant.")


class ShareMade(Body):
    """A merchant recommended to others."""

    merchant_id: UUID
    channel: Channel


class ContributionShown(Shown):
    """A contribution as it is read. Who made it is nobody's business."""

    id: UUID
    merchant_id: UUID
    kind: Kind
    campaign_id: UUID | None = Field(description="The campaign it counts for.")
    counts_for_campaign: bool
    reason: Reason | None = Field(description="Why it counts for no campaign.")
    counts_for_audience: bool = Field(description="Whether it counts for the merchant's audience.")
    posted_at: datetime
    withdrawn_at: datetime | None = None
    rating: int | None = None
    text: str | None = None
    language: str | None = None
    tie: Tie | None = None
    verification: Literal["account"] | None = Field(
        None, description="How a review is verified: written by a signed-in person, purchase not checked."
    )
    channel: Channel | None = None
    disclosures: list[str] = Field(
        description="What readers are told beside it, as the campaign's policy check says: a reward, for one."
    )


def shown(contribution: Contribution, disclosures: Disclosures, language: str) -> dict[str, Any]:
    """The members of `ContributionShown` that this kind has."""
    counting = contribution.counting
    return {
        "id": contribution.id,
        "merchant_id": contribution.merchant_id,
        "kind": contribution.details.kind,
        "campaign_id": counting.campaign_id,
        "counts_for_campaign": counting.campaign_id is not None,
        "reason": counting.reason,
        "counts_for_audience": contribution.counts_for_audience,
        "posted_at": contribution.posted_at,
        "withdrawn_at": contribution.withdrawn_at,
        "disclosures": told_beside(contribution, disclosures, language),
        **_details(contribution.details),
    }


def _details(details: Review | Share) -> dict[str, Any]:
    if isinstance(details, Review):
        return {**vars(details), "verification": "account"}
    return {"channel": details.channel}
