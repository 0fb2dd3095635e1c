"""Joining as it is written, and parts in a campaign as they are read."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http import Body, LongText, Shown
from services.campaigns.contributions.domain import Tie
from services.campaigns.enrolments.domain import Age, Enrolment, Standing
from services.campaigns.enrolments.enrol import Declared


class TieBody(Body):
    """What binds the person to a shop."""

    merchant_id: UUID
    tie: Literal["owner", "staff", "family"]


class Joining(Body):
    """What somebody says when they join."""

    pledge: Annotated[int, Field(ge=1, le=100_000, description="The version they read and accept.")]
    age: Annotated[Age, Field(description="Who is younger than 13 cannot join. No birth date is asked for.")]
    language: Literal["fr", "nl", "de", "en"]
    introduction: Annotated[
        LongText, StringConstraints(max_length=1_000), Field(description="For the officer who decides.")
    ] = ""
    ties: Annotated[
        list[TieBody],
        Field(max_length=50, description="Shops they are bound to: what they do for these does not count."),
    ] = Field([])

    def declared(self) -> Declared:
        return Declared(
            pledge_version=self.pledge,
            adult=self.age is Age.ADULT,
            language=self.language,
            introduction=self.introduction or None,
            ties={each.merchant_id: Tie(each.tie) for each in self.ties},
        )


class EnrolmentShown(Shown):
    """An ambassador's part in a campaign."""

    id: UUID
    campaign_id: UUID
    enrolled_at: datetime
    standing: Standing
    pledge: int | None = Field(description="The version that was accepted.")
    refusal: str | None = Field(description="Why an officer refused.")


class ApplicationShown(EnrolmentShown):
    """Somebody's part in a campaign, as its officers see it: what was declared, not who it is."""

    adult: bool | None
    language: str | None
    introduction: str | None
    ties: list[TieBody]


class Decision(Body):
    """What an officer decides."""

    approved: bool
    reason: Annotated[
        LongText | None, Field(description="Why not; the person reads it. Required to refuse.")
    ] = None


def shown(enrolled: Enrolment) -> dict[str, Any]:
    """The members of `EnrolmentShown`."""
    return {
        "id": enrolled.id,
        "campaign_id": enrolled.campaign_id,
        "enrolled_at": enrolled.enrolled_at,
        "standing": enrolled.standing,
        "pledge": enrolled.pledge_version,
        "refusal": enrolled.refusal,
    }
