"""How a merchant looks in requests and answers."""

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.http import UNSET, Body, LongText, ShortText, Shown
from services.directory.merchants import details as cleaned
from services.directory.merchants.domain import Merchant

ATTRIBUTION = {"osm": "© OpenStreetMap contributors, ODbL 1.0"}
"""What the licence of a source asks to be shown beside its data."""

_FILTER = re.compile(r"[a-z_]{1,21}(=[a-z0-9_:-]{1,50})?")


def _usable_phone(value: str) -> str:
    number = cleaned.phone_number(value)
    if number is None:
        raise ValueError("is not a phone number")
    return number


def _usable_website(value: str) -> str:
    address = cleaned.web_address(value)
    if address is None:
        raise ValueError("is not an http or https address")
    return address


def _usable_kind(value: str) -> str:
    if not cleaned.is_kind(value):
        raise ValueError("is not a kind such as shop=bakery")
    return value


Line = Annotated[ShortText, StringConstraints(max_length=cleaned.ADDRESS_LIMIT)]
Hours = Annotated[LongText, StringConstraints(min_length=1, max_length=cleaned.HOURS_LIMIT)]
Phone = Annotated[ShortText, AfterValidator(_usable_phone)]
Website = Annotated[LongText, AfterValidator(_usable_website)]
Kind = Annotated[str, AfterValidator(_usable_kind)]
KindFilter = Annotated[str, StringConstraints(pattern=f"^{_FILTER.pattern}$")]


class ReviseMerchant(Body):
    """What changes; a field that is not sent stays as it is, null empties it."""

    name: ShortText | None = None
    street: Line | None = None
    house_number: Line | None = None
    postcode: Line | None = None
    place: Line | None = None
    phone: Phone | None = None
    website: Website | None = None
    opening_hours: Hours | None = None
    # Without a kind or a place there is no merchant: these can be changed and not emptied.
    kind: Kind = UNSET
    longitude: Annotated[float, Field(ge=-180, le=180)] = UNSET
    latitude: Annotated[float, Field(ge=-90, le=90)] = UNSET

    def changes(self) -> dict[str, Any]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True)


class Address(Shown):
    """As far as it is known."""

    street: str | None
    house_number: str | None
    postcode: str | None
    place: str | None


class OpeningHours(Shown):
    """As given, and as a machine reads it."""

    given: str
    normal: str | None
    """In normal form; null where it cannot be read."""


class Source(Shown):
    """Where the listing comes from, and what must be shown with it."""

    name: str
    id: str
    attribution: str | None


class MerchantShown(Shown):
    """A merchant as the public sees it."""

    id: UUID
    city_id: UUID
    version: int
    name: str | None
    """Null where nobody has named it yet: it is then shown by its kind and place."""
    kind: str
    longitude: float
    latitude: float
    address: Address
    phone: str | None
    website: str | None
    opening_hours: OpeningHours | None
    district_ids: list[UUID]
    claimed: bool
    source: Source


def shown(merchant: Merchant) -> MerchantShown:
    """The public view of a merchant; who owns it is no part of it."""
    details = merchant.details
    hours = details.opening_hours
    return MerchantShown(
        id=merchant.id,
        city_id=merchant.city_id,
        version=merchant.version,
        name=details.name,
        kind=details.kind,
        longitude=details.longitude,
        latitude=details.latitude,
        address=Address(
            street=details.street,
            house_number=details.house_number,
            postcode=details.postcode,
            place=details.place,
        ),
        phone=details.phone,
        website=details.website,
        opening_hours=OpeningHours(given=hours, normal=cleaned.normal_opening_hours(hours))
        if hours
        else None,
        district_ids=list(merchant.district_ids),
        claimed=merchant.claimed,
        source=Source(
            name=merchant.source, id=merchant.source_id, attribution=ATTRIBUTION.get(merchant.source)
        ),
    )
