"""Corrections of what the directory says of a shop: what one can be about, and what becomes of it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from contracts.directory.v1 import MerchantCorrectionAccepted
from contracts.envelope import Event, Fact
from services.directory.merchants.details import Details

MOST_OPEN = 60
"""Of one shop. More than that says nothing new: its city decides about those first."""


class Field(StrEnum):
    """What is said to be wrong."""

    NAME = "name"
    ADDRESS = "address"
    OPENING_HOURS = "opening_hours"
    WEBSITE = "website"
    PHONE = "phone"
    MOVED = "moved"
    """The shop goes on at another place."""
    CLOSED = "closed"
    """It exists no more."""
    DUPLICATE = "duplicate"
    """It is listed a second time."""


_ADDRESS = frozenset({"street", "house_number", "postcode", "place"})
_PLACE = frozenset({"longitude", "latitude"})
DETAILS = {
    Field.NAME: frozenset({"name"}),
    Field.ADDRESS: _ADDRESS,
    Field.OPENING_HOURS: frozenset({"opening_hours"}),
    Field.WEBSITE: frozenset({"website"}),
    Field.PHONE: frozenset({"phone"}),
    Field.MOVED: _ADDRESS | _PLACE,
    Field.CLOSED: frozenset[str](),
    Field.DUPLICATE: frozenset[str](),
}
"""Which details of the shop each may change."""
OF_OWNERS = frozenset({Field.OPENING_HOURS, Field.WEBSITE, Field.PHONE, Field.CLOSED})
"""What whoever runs the shop decides about as well: what they may change themselves."""


class State(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVERTED = "reverted"
    """It was accepted, and turned out to be wrong."""


class Reason(StrEnum):
    """Why it is refused: a code, so that it can be said in the reader's language."""

    RIGHT_AS_IT_IS = "right_as_it_is"
    NOT_CONFIRMED = "not_confirmed"
    """Nobody could find out whether it is so."""
    OVERTAKEN = "overtaken"
    """It was put right meanwhile."""
    UNFIT = "unfit"
    """It corrects nothing: advertising, an insult, a jest."""


Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What somebody suggested, and what became of it."""

    id: UUID
    receipt_id: UUID
    """Known to its author alone, who shows by it elsewhere that it is theirs; no event says who that is."""
    city_id: UUID
    merchant_id: UUID
    person_id: UUID | None
    """Its author; none once they are erased."""
    field: Field
    suggested: Values = dataclasses.field(default_factory=dict)
    """Details as they should be."""
    seen: Values = dataclasses.field(default_factory=dict)
    """The same as they were when it was suggested."""
    duplicate_of: UUID | None = None
    note: str | None = None
    """By what one can see that it is so."""
    suggested_at: datetime
    state: State = State.OPEN
    reason: Reason | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    reverted_at: datetime | None = None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        coded = {
            "field": Field(row["field"]),
            "state": State(row["state"]),
            "reason": Reason(row["reason"]) if row["reason"] else None,
        }
        return cls(**{**row, **coded})

    def changed_meanwhile(self, now: Details) -> bool:
        """Whether the shop says something else by now than its author saw, and not what they suggested."""
        return any(
            getattr(now, name) not in (value, self.suggested[name]) for name, value in self.seen.items()
        )

    def placed(self, where: Mapping[str, float], now: Details) -> Self:
        """With the place that whoever decides gives, and with where the shop is `now`, to put it back."""
        return replace(
            self, suggested={**self.suggested, **where}, seen={**self.seen, **values_of(now, where)}
        )

    def accepted(self, by: UUID, at: datetime) -> Self:
        return replace(self, state=State.ACCEPTED, decided_by=by, decided_at=at)

    def refused(self, reason: Reason, by: UUID, at: datetime) -> Self:
        return replace(self, state=State.REFUSED, reason=reason, decided_by=by, decided_at=at)

    def reverted(self, at: datetime) -> Self:
        return replace(self, state=State.REVERTED, reverted_at=at)

    def event(self) -> Event[Fact]:
        """What is told of it now that it was accepted, or reverted after that."""
        stands = self.state is State.ACCEPTED
        at = self.decided_at if stands else self.reverted_at
        assert at is not None
        return Event.of(
            MerchantCorrectionAccepted(
                city_id=self.city_id,
                correction_id=self.id,
                merchant_id=self.merchant_id,
                version=1 if stands else 2,
                receipt_id=self.receipt_id,
                field=self.field.value,
                stands=stands,
            ),
            at,
        )


def values_of(details: Details, names: Mapping[str, Any]) -> dict[str, Any]:
    """What the shop says of these details."""
    return {name: getattr(details, name) for name in names}
