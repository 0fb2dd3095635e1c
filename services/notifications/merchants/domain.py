"""A merchant as far as notifications knows it: the newest of what was heard, in whatever order."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from contracts.directory.v1 import MerchantClaimed, MerchantClosed, MerchantListed, MerchantUpdated
from contracts.envelope import Fact


class Merchant(NamedTuple):
    """Versions count the merchant's changes over all event types; 0 says that none was heard of."""

    merchant_id: UUID
    city_id: UUID
    public_version: int = 0
    claimed_version: int = 0
    closed_version: int = 0
    kind: str | None = None
    district_ids: tuple[UUID, ...] = ()

    @property
    def claimed(self) -> bool:
        return self.claimed_version > 0

    def heard(self, fact: Fact) -> Merchant:
        """What is known after `fact`; an older one changes nothing."""
        if isinstance(fact, MerchantListed | MerchantUpdated) and fact.version > self.public_version:
            return self._replace(
                public_version=fact.version, kind=fact.kind, district_ids=tuple(sorted(fact.district_ids))
            )
        if isinstance(fact, MerchantClaimed):
            return self._replace(claimed_version=max(self.claimed_version, fact.version))
        if isinstance(fact, MerchantClosed):
            return self._replace(closed_version=max(self.closed_version, fact.version))
        return self
