"""A shop that somebody misses in the directory, and what its city's officers make of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from contracts.directory.v1 import MerchantProposalDecided
from contracts.envelope import Event, Fact

MOST_WAITING = 200
"""In one city. More than its officers look through is a flood: the rest is to be brought again later."""


WORDS = ("name", "street", "house_number", "postcode", "kind")
"""What is said of the shop."""


class State(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why it is not listed: a code, so that it can travel and be said in the reader's language."""

    NOT_FOUND = "not_found"
    """Nobody could find it at that address."""
    NOT_A_SHOP = "not_a_shop"
    """It is not open to the public, or no trade."""
    ELSEWHERE = "elsewhere"
    """It lies in another city."""
    CLOSED = "closed"
    """It is there no more."""
    OBJECTED = "objected"
    """It objected to being listed."""


@dataclass(frozen=True)
class Proposal:
    """What was proposed, and what became of it."""

    id: UUID
    city_id: UUID
    name: str | None
    street: str | None
    house_number: str | None
    postcode: str | None
    kind: str | None
    """These say which shop it is, until it is decided."""
    proposed_at: datetime
    state: State = State.PROPOSED
    merchant_id: UUID | None = None
    """The one that it became, or was already."""
    reason: Reason | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None

    @classmethod
    def of_row(cls, row: dict[str, object]) -> Self:
        reason = row["reason"]
        coded = {"state": State(str(row["state"])), "reason": Reason(str(reason)) if reason else None}
        return cls(**{**row, **coded})  # type: ignore[arg-type]

    def decided(
        self, *, merchant_id: UUID | None = None, reason: Reason | None = None, by: UUID, at: datetime
    ) -> Self:
        """It became that merchant, or is refused for that reason. Its words are kept no more."""
        return replace(
            self,
            name=None,
            street=None,
            house_number=None,
            postcode=None,
            kind=None,
            state=State.REFUSED if merchant_id is None else State.ACCEPTED,
            merchant_id=merchant_id,
            reason=reason,
            decided_at=at,
            decided_by=by,
        )

    def event(self) -> Event[Fact]:
        """What is told of the decision; without the words of the proposal."""
        assert self.decided_at is not None
        decided = MerchantProposalDecided(
            city_id=self.city_id,
            proposal_id=self.id,
            merchant_id=self.merchant_id,
            reason=self.reason or "",
        )
        return Event.of(decided, self.decided_at)
