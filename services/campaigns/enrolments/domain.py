"""Somebody's part in a campaign: asked for, and given at once or by an officer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Age(StrEnum):
    """Who is younger than 13 cannot agree to it in Belgium (GDPR art. 8). The birth date is not asked for."""

    MINOR = "13_to_17"
    ADULT = "18_or_older"


class Standing(StrEnum):
    PENDING = "pending"
    """Nothing counts yet."""
    APPROVED = "approved"
    REFUSED = "refused"


class AlreadyDecided(Exception):
    """The other way, by an officer before."""


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """One ambassador's part in one campaign."""

    id: UUID
    city_id: UUID
    campaign_id: UUID
    contributor_id: UUID
    enrolled_at: datetime
    """When it was asked for."""
    pledge_version: int | None = None
    """The wording that was accepted; none for who joined when there was no pledge."""
    adult: bool | None = None
    language: str | None = None
    introduction: str | None = None
    """What somebody says of themselves to the officer who decides; kept until then."""
    approved_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None
    decided_by: UUID | None = None

    @property
    def standing(self) -> Standing:
        if self.approved_at is not None:
            return Standing.APPROVED
        return Standing.PENDING if self.refused_at is None else Standing.REFUSED

    def approved(self, by: UUID | None, now: datetime) -> Enrolment:
        """With a part in it from now on. `by` is none where nobody has to decide."""
        return replace(self, approved_at=now, decided_by=by, introduction=None)

    def refused(self, by: UUID, reason: str, now: datetime) -> Enrolment:
        return replace(self, refused_at=now, refusal=reason, decided_by=by, introduction=None)
