"""Events of campaigns about photos that shops take for their own use: among the `FACTS` of `v1.py`."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.envelope import Fact


class ContributionPhotoReused(Fact, frozen=True, kw_only=True):
    """A shop took photos that show it for its own use, within the licence their author chose: told once."""

    TYPE: ClassVar[str] = "campaigns.contribution-photo-reused.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    """One to four photos that were handed in together."""
    merchant_id: UUID
    contributor_id: UUID
    """Their author."""


class ReusedPhotoTakenBack(Fact, frozen=True, kw_only=True):
    """Photos that their shop uses are here no more, nor is their author's name: told once."""

    TYPE: ClassVar[str] = "campaigns.reused-photo-taken-back.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    posted_on: date
    """In Brussels: what the shop knows them by."""
