"""How somebody shows that a shop is theirs, and how a dispute over one ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.directory.v1 import MerchantClaimDisputed
from contracts.envelope import Event


class How(StrEnum):
    """What a claim rests on."""

    CODE = "code"
    """The person had the code that was brought to the shop."""
    VISIT = "visit"
    """An officer or a consultant stood in the shop with the person."""
    ENTERPRISE_NUMBER = "enterprise_number"
    """A city officer found the person in the public register (BCE/KBO) under the shop's number."""


class Outcome(StrEnum):
    """How an officer decided a dispute."""

    OWNER_STAYS = "owner_stays"
    SHOP_CHANGES_HANDS = "shop_changes_hands"


@dataclass(frozen=True)
class Decision:
    """What an officer decided when, and why; the reason is told to both sides."""

    outcome: Outcome
    reason: str
    by: UUID
    at: datetime


@dataclass(frozen=True)
class Proof:
    """What one claim rests on, and who confirmed it (a code confirms by itself)."""

    how: How
    confirmed_by: UUID | None = None
    invitation_id: UUID | None = None


@dataclass(frozen=True)
class Dispute:
    """A second claim to a shop. While it is open, its owner keeps it."""

    id: UUID
    city_id: UUID
    merchant_id: UUID
    claimant_id: UUID
    opened_at: datetime
    how: How
    confirmed_by: UUID | None
    invitation_id: UUID | None
    outcome: Outcome | None = None
    reason: str | None = None
    decided_at: datetime | None = None

    @property
    def proof(self) -> Proof:
        return Proof(self.how, self.confirmed_by, self.invitation_id)

    def event(self) -> Event[MerchantClaimDisputed]:
        """What the world is told when it begins. How it is decided, a claim tells."""
        begun = MerchantClaimDisputed(city_id=self.city_id, dispute_id=self.id, merchant_id=self.merchant_id)
        return Event.of(begun, self.opened_at)


VALID_FOR = timedelta(days=90)
"""An invitation opens nothing after that: the shop may have moved on."""


@dataclass(frozen=True)
class Code:
    """The code of an invitation, as far as it is known without being known."""

    invitation_id: UUID
    expires_at: datetime
    is_revoked: bool
    is_used: bool

    def refusal(self, at: datetime, *, has_owner: bool) -> str | None:
        """Why it does not claim the shop now; None where it does, or opens a dispute.

        A used one is as good as another while somebody runs the shop: whoever used it may have found the
        letter before the owner did, and that is what a dispute is for.
        """
        if at >= self.expires_at:
            return "has expired: ask your city for another letter"
        if self.is_used and not has_owner:
            return "was used before: ask your city for another letter"
        return None
