"""A merchant and the changes it can go through. Each change is one version and one event."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from contracts.directory.v1 import MerchantClaimed, MerchantClosed, MerchantListed, MerchantUpdated
from contracts.envelope import Event, Fact
from services.directory.cities.domain import Districts
from services.directory.merchants.details import Details

OWN_FIELDS = frozenset({"phone", "email", "website", "profiles", "opening_hours", "languages"})
"""What an owner changes alone; the rest (where it is, what it is called) the city answers for."""

BY_HAND = "city"
"""The source of a merchant that an officer added."""


class Change(StrEnum):
    """What made a version; stored with it."""

    LISTED = "listed"
    UPDATED = "updated"
    CLAIMED = "claimed"
    CLOSED = "closed"
    DELISTED = "delisted"
    RELISTED = "relisted"
    RELEASED = "released"


class Status(StrEnum):
    """What a merchant is to the public. Of closed and delisted ones nothing is shown."""

    LISTED = "listed"
    CLAIMED = "claimed"
    CLOSED = "closed"
    """It exists no more."""
    DELISTED = "delisted"
    """It may well exist, and is not to be listed: its city says so, or it objected."""


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
    checked_on: date
    """The last day on which a person or a source said that it is so."""
    claimed: bool = False
    closed: bool = False
    delisted: bool = False

    @property
    def status(self) -> Status:
        """One word for what it is; closed says more than delisted."""
        if self.closed:
            return Status.CLOSED
        if self.delisted:
            return Status.DELISTED
        return Status.CLAIMED if self.claimed else Status.LISTED

    @property
    def is_public(self) -> bool:
        return not (self.closed or self.delisted)

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

    def now_released(self) -> Self:
        """Nobody runs its account any more: it is listed, and may be claimed again."""
        return replace(self, version=self.version + 1, claimed=False)

    def now_closed(self) -> Self:
        """It exists no more."""
        return replace(self, version=self.version + 1, closed=True)

    def now_delisted(self) -> Self:
        """It is shown no more. It keeps what is known of it, to be listed again."""
        return replace(self, version=self.version + 1, delisted=True)

    def objected(self) -> Self:
        """It is shown no more and nothing of it is kept but what keeps it out."""
        bare = self.details.only_the_place()
        return replace(self.now_delisted(), details=bare, source_details=bare)

    def relisted(self, districts: Districts) -> Self:
        """It is shown again, in the districts that hold it by now."""
        district_ids = districts.around(self.details.longitude, self.details.latitude)
        return replace(self, version=self.version + 1, delisted=False, district_ids=district_ids)


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
            case Change.LISTED | Change.RELISTED:
                return MerchantListed(**names, **state)
            case Change.UPDATED | Change.RELEASED:  # whether it is claimed is a part of its public state
                return MerchantUpdated(**names, **state)
            case Change.CLAIMED:
                return MerchantClaimed(**names)
            case Change.CLOSED:
                return MerchantClosed(**names)
            case Change.DELISTED:
                return MerchantClosed(**names, delisted=True)


DETAIL_FIELDS = tuple(field.name for field in fields(Details))
