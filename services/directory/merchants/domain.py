"""A merchant and the changes it can go through. Each change is one version and one event."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from contracts.directory.v1 import MerchantClaimed, MerchantClosed, MerchantListed, MerchantUpdated
from contracts.envelope import Event, Fact
from services.directory.cities.domain import Districts
from services.directory.merchants.details import Details

OWN_FIELDS = frozenset({"phone", "website", "opening_hours"})
"""What an owner changes alone; the rest (where it is, what it is called) the city answers for."""


class Change(StrEnum):
    """What made a version; stored with it."""

    LISTED = "listed"
    UPDATED = "updated"
    CLAIMED = "claimed"
    CLOSED = "closed"


@dataclass(frozen=True)
class Merchant:
    """An establishment (not an enterprise) in one city."""

    id: UUID
    city_id: UUID
    version: int
    details: Details
    district_ids: tuple[UUID, ...]
    source: str
    source_id: str
    source_details: Details
    """The details as the source last gave them."""
    claimed: bool = False
    closed: bool = False

    def revised(self, details: Details, districts: Districts) -> Self | None:
        """With other details, in the districts they put it in; None where nothing changes."""
        district_ids = districts.around(details.longitude, details.latitude)
        if details == self.details and district_ids == self.district_ids:
            return None
        return replace(self, version=self.version + 1, details=details, district_ids=district_ids)

    def mapped(self, given: Details) -> tuple[Details, tuple[str, ...]]:
        """The details after the source said `given`, and the fields where a person's change is kept.

        Only what changed at the source since last time is taken over, and never over a change made here.
        """
        if given == self.source_details:
            return self.details, ()
        news = {
            field: value
            for field, value in vars(given).items()
            if value != getattr(self.source_details, field)
        }
        kept = tuple(
            field
            for field, value in news.items()
            if getattr(self.details, field) not in (getattr(self.source_details, field), value)
        )
        taken = {field: value for field, value in news.items() if field not in kept}
        return replace(self.details, **taken), kept

    def now_claimed(self) -> Self:
        """Somebody runs its account from now on."""
        return replace(self, version=self.version + 1, claimed=True)

    def now_closed(self) -> Self:
        """It is listed no more."""
        return replace(self, version=self.version + 1, closed=True)


@dataclass(frozen=True)
class Version:
    """One change of one merchant: what its history keeps and its event says."""

    city_id: UUID
    merchant_id: UUID
    version: int
    at: datetime
    change: Change
    kind: str
    longitude: float
    latitude: float
    district_ids: tuple[UUID, ...]

    @classmethod
    def of(cls, merchant: Merchant, change: Change, at: datetime) -> Self:
        """The version a merchant has just reached."""
        return cls(
            city_id=merchant.city_id,
            merchant_id=merchant.id,
            version=merchant.version,
            at=at,
            change=change,
            kind=merchant.details.kind,
            longitude=merchant.details.longitude,
            latitude=merchant.details.latitude,
            district_ids=merchant.district_ids,
        )

    def event(self) -> Event[Fact]:
        """The event of this change: today or years later, the same."""
        return Event.of(self._fact(), self.at)

    def _fact(self) -> Fact:
        names: dict[str, Any] = {
            "city_id": self.city_id,
            "merchant_id": self.merchant_id,
            "version": self.version,
        }
        state: dict[str, Any] = {
            "kind": self.kind,
            "longitude": self.longitude,
            "latitude": self.latitude,
            "district_ids": self.district_ids,
        }
        match self.change:
            case Change.LISTED:
                return MerchantListed(**names, **state)
            case Change.UPDATED:
                return MerchantUpdated(**names, **state)
            case Change.CLAIMED:
                return MerchantClaimed(**names)
            case Change.CLOSED:
                return MerchantClosed(**names)


DETAIL_FIELDS = tuple(field.name for field in fields(Details))
