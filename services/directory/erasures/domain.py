"""An erasure: asked for, confirmed, and done once every owner has done its part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

CONFIRMED_WITHIN = timedelta(hours=24)
"""A request that is not confirmed by then is void."""


class State(StrEnum):
    """How far an erasure is."""

    UNCONFIRMED = "unconfirmed"
    UNDER_WAY = "under_way"
    COMPLETED = "completed"


@dataclass(frozen=True)
class Erasure:
    """A person's wish to be forgotten, and who has done so."""

    id: UUID
    person_id: UUID
    requested_at: datetime
    closes_shops: bool
    confirmed_at: datetime | None = None
    closed_merchant_ids: tuple[UUID, ...] = ()
    left_merchant_ids: tuple[UUID, ...] = ()
    parts: Mapping[str, datetime] = field(default_factory=dict)
    """When each owner was done, of those who are."""

    def is_void(self, now: datetime) -> bool:
        """Whether it is too late to confirm it."""
        return self.confirmed_at is None and now >= self.requested_at + CONFIRMED_WITHIN

    def completed_at(self, owners: tuple[str, ...]) -> datetime | None:
        """When the last of `owners` was done; None while one is not."""
        if self.confirmed_at is None or not set(owners) <= set(self.parts):
            return None
        return max(self.parts[owner] for owner in owners)

    def state(self, owners: tuple[str, ...]) -> State:
        """Complete only when every one of `owners` is done, whichever comes last."""
        if self.confirmed_at is None:
            return State.UNCONFIRMED
        return State.COMPLETED if self.completed_at(owners) else State.UNDER_WAY
