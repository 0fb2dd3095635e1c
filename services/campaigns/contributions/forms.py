"""Contributions as they are written and read over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.http import Body, Shown
from services.campaigns.answers.storage import Answer
from services.campaigns.contributions.beside import Beside
from services.campaigns.contributions.disclosures import told_beside
from services.campaigns.contributions.domain import (
    Channel,
    Contribution,
    Details,
    Kind,
    Licence,
    People,
    Photo,
    Reason,
    Review,
    Standing,
    Tie,
    plain_text,
)
from services.campaigns.contributions.standing import NO_REASONS
from services.campaigns.files.addresses import addresses
from services.campaigns.moderation.reasons import ReasonShown, in_words
from services.campaigns.photos.domain import attribution

Language = Literal["fr", "nl", "de", "en"]
# Control characters are taken out instead of refused: they come with text that was pasted.
ReviewText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(plain_text)]


Rating = Annotated[int, Field(ge=1, le=5, strict=True)]


class ReviewWritten(Body):
    """An opinion about a merchant."""

    merchant_id: UUID
    rating: Rating
    text: ReviewText = ""
    language: Language | None = Field(None, description="Told from the text where it is left out.")
    tie: Tie = Field(Tie.NONE, description="What binds the author to the merchant.")


class ShareMade(Body):
    """A merchant recommended to others."""

    merchant_id: UUID
    channel: Channel


class PictureShown(Shown):
    """A picture of a photo, as WebP of at most 2,048 and 480 pixels on its longer side."""

    id: UUID
    alt: str
    width: int
    height: int
    large: str
    small: str


class AnswerShown(Shown):
    """What the shop says of a review, in public."""

    id: UUID
    text: str
    version: int
    answered_at: datetime
    edited_at: datetime | None


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
    standing: Standing = Field(description="Whoever is not its author sees published ones alone.")
    reasons: list[ReasonShown] = Field(description="Why it is held or was removed.")
    statement: str | None = Field(None, description="The same, in the words of whoever decided.")
    rating: int | None = None
    text: str | None = None
    language: str | None = None
    tie: Tie | None = None
    version: int | None = Field(None, description="Of a review; its ETag.")
    edited_at: datetime | None = Field(None, description="When its author changed a review last.")
    answer: AnswerShown | None = Field(None, description="Of the shop, to a review.")
    verification: Literal["account"] | None = Field(
        None, description="How a review is verified: written by a signed-in person, purchase not checked."
    )
    channel: Channel | None = None
    platform: str | None = Field(None, description="Where a video lies.")
    url: str | None = Field(None, description="Of a video, its one address there.")
    licence: Licence | None = Field(None, description="What others may do with the photos.")
    people: People | None = Field(None, description="Whether somebody can be recognised, and agreed.")
    credit: str | None = Field(None, description="How the author of photos wants to be named.")
    review_id: UUID | None = Field(None, description="The review that photos go with.")
    attribution: str | None = Field(
        None, description="To stand beside photos wherever they are reused; none where nothing is asked."
    )
    reused_at: datetime | None = Field(None, description="When the shop took the photos for its own use.")
    pictures: list[PictureShown] | None = Field(
        None, description="Of photos; of a review, those its author sent with it."
    )
    disclosures: list[str] = Field(
        description="What readers are told beside it, as the campaign's policy check says: a reward, for one."
    )


def shown(contribution: Contribution, beside: Beside, language: str) -> dict[str, Any]:
    """The members of `ContributionShown` that this kind has."""
    counting, why = contribution.counting, beside.reasons.get(contribution.id, NO_REASONS)
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
        "standing": contribution.standing,
        "reasons": in_words(why.reasons, language),
        "statement": why.statement or None,
        "disclosures": told_beside(contribution, beside.disclosures, language),
        **_details(contribution.details),
        **_pictures(contribution, beside),
        **_answer(contribution, beside),
    }


def shown_answer(answer: Answer) -> dict[str, Any]:
    """The members of `AnswerShown`. Who wrote it for the shop is the shop's business."""
    return {name: getattr(answer, name) for name in AnswerShown.model_fields}


def _details(details: Details) -> dict[str, Any]:
    match details:
        case Review():
            return {**vars(details), "verification": "account"}
        case Photo():
            return {**vars(details), "attribution": attribution(details.licence, details.credit)}
        case _:
            return dict(vars(details))


def _answer(contribution: Contribution, beside: Beside) -> dict[str, Any]:
    given = beside.answers.get(contribution.id)
    return {"answer": shown_answer(given)} if given else {}


def _pictures(contribution: Contribution, beside: Beside) -> dict[str, Any]:
    if not isinstance(contribution.details, Review | Photo):
        return {}
    shown_with = beside.pictures.get(contribution.id, ())
    return {"pictures": [{**vars(each), **addresses(each.id)} for each in shown_with]}
