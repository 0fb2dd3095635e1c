"""How a merchant looks in answers."""

from datetime import date, datetime
from uuid import UUID

from chassis.http import Shown
from services.directory.kinds.names import names_of
from services.directory.merchants import hours
from services.directory.merchants.details import Details
from services.directory.merchants.domain import Merchant, Status
from services.directory.merchants.numbers import written

REGISTER, SHEET = "kbo:", "csv:"
"""How the source of what was imported from the enterprise register, or from somebody's list, begins."""
_REGISTER_NAMES = (
    "Banque-Carrefour des Entreprises",
    "Kruispuntbank van Ondernemingen",
    "Zentrale Datenbank der Unternehmen",
)


class Address(Shown):
    """As far as it is known."""

    street: str | None
    house_number: str | None
    postcode: str | None
    place: str | None


class OpeningHours(Shown):
    """As given, as a machine reads it, and what that means now in Belgium, public holidays included."""

    given: str
    normal: str | None
    """In normal form; null where it cannot be read."""
    open_now: bool | None
    """Null where the hours do not say, or cannot be read."""
    next_change: datetime | None
    """When it opens or closes next; null where nothing changes within a year."""


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
    names: dict[str, str]
    """By language, where it is called differently in them."""
    kind: str
    kind_name: str
    """What the kind is called in the reader's language."""
    longitude: float
    latitude: float
    address: Address
    phone: str | None
    email: str | None
    website: str | None
    profiles: dict[str, str]
    """Its pages elsewhere, by platform."""
    opening_hours: OpeningHours | None
    languages: list[str]
    """Spoken in the shop."""
    enterprise_number: str | None
    establishment_number: str | None
    district_ids: list[UUID]
    status: Status
    claimed: bool
    source: Source
    checked_on: date
    """The last day on which somebody, or the source, said that it is so."""


def attribution(source: str) -> str | None:
    """What is shown beside the data of a source, as its licence asks, or whose list it is.

    None for what a city's officers entered themselves.
    """
    if source == "osm":
        return "© OpenStreetMap contributors, ODbL 1.0"
    if source.startswith(REGISTER):
        return " / ".join(_REGISTER_NAMES)
    return source.removeprefix(SHEET) if source.startswith(SHEET) else None


def shown(merchant: Merchant, language: str, at: datetime) -> MerchantShown:
    """The public view of a merchant for a reader of this language; who owns it is no part of it."""
    details = merchant.details
    return MerchantShown(
        id=merchant.id,
        city_id=merchant.city_id,
        version=merchant.version,
        name=details.name,
        names=dict(details.names),
        kind=details.kind,
        kind_name=names_of(details.kind)[language],
        longitude=details.longitude,
        latitude=details.latitude,
        address=Address(
            street=details.street,
            house_number=details.house_number,
            postcode=details.postcode,
            place=details.place,
        ),
        phone=details.phone,
        email=details.email,
        website=details.website,
        profiles=dict(details.profiles),
        opening_hours=_opening_hours(details, at),
        languages=list(details.languages),
        enterprise_number=_printed(details.enterprise_number),
        establishment_number=_printed(details.establishment_number),
        district_ids=list(merchant.district_ids),
        status=merchant.status,
        claimed=merchant.claimed,
        source=Source(name=merchant.source, id=merchant.source_id, attribution=attribution(merchant.source)),
        checked_on=merchant.checked_on,
    )


def _opening_hours(details: Details, at: datetime) -> OpeningHours | None:
    given = details.opening_hours
    if not given:
        return None
    state = hours.state_of(details, at)
    return OpeningHours(
        given=given,
        normal=hours.normal_opening_hours(given),
        open_now=state.open_now,
        next_change=state.next_change,
    )


def _printed(number: str | None) -> str | None:
    return written(number) if number else None
