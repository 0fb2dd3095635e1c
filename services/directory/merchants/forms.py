"""How a merchant looks in requests."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.http import UNSET, Body, LongText, ShortText
from chassis.problems import invalid
from services.directory.cities.country import is_in_belgium
from services.directory.kinds.names import is_listed
from services.directory.merchants import details as cleaned
from services.directory.merchants.details import Details
from services.directory.merchants.numbers import enterprise_number, establishment_number
from services.directory.merchants.profiles import PLATFORMS, profile_address

_FILTER = re.compile(r"[a-z_]{1,21}(=[a-z0-9_:-]{1,50})?")
_OPEN_TO_ANY_VALUE = ("shop=", "craft=")


def _usable_phone(value: str) -> str:
    return _said(cleaned.phone_number(value), "is not a phone number")


def _usable_website(value: str) -> str:
    return _said(cleaned.web_address(value), "is not an http or https address")


def _usable_email(value: str) -> str:
    return _said(cleaned.mail_address(value), "is not a mail address")


def _usable_enterprise(value: str) -> str:
    return _said(
        enterprise_number(value), "is not an enterprise number: ten digits, of which two check the others"
    )


def _usable_establishment(value: str) -> str:
    why = (
        "is not the number of an establishment unit: ten digits from 2 to 8 on, of which two check the others"
    )
    return _said(establishment_number(value), why)


def _usable_kind(value: str) -> str:
    usable = cleaned.is_kind(value) and (is_listed(value) or value.startswith(_OPEN_TO_ANY_VALUE))
    return _said(value if usable else None, "is not a kind such as shop=bakery (see /api/v1/kinds)")


def _usable_profiles(value: dict[str, str]) -> dict[str, str]:
    for platform, address in value.items():
        if platform not in PLATFORMS:
            raise ValueError(f"{platform[:40]} is none of {', '.join(PLATFORMS)}")
        _said(profile_address(platform, address), f"{platform} has no such https address")
    return value


def _usable_languages(value: tuple[str, ...]) -> tuple[str, ...]:
    codes = cleaned.language_codes(value)
    if len(codes) != len(set(value)):
        raise ValueError("holds something else than codes of languages such as fr")
    return codes


def _said(usable: str | None, why: str) -> str:
    if usable is None:
        raise ValueError(why)
    return usable


Line = Annotated[ShortText, StringConstraints(max_length=cleaned.ADDRESS_LIMIT)]
Hours = Annotated[LongText, StringConstraints(min_length=1, max_length=cleaned.HOURS_LIMIT)]
Phone = Annotated[ShortText, AfterValidator(_usable_phone)]
Email = Annotated[ShortText, AfterValidator(_usable_email)]
Website = Annotated[LongText, AfterValidator(_usable_website)]
Names = dict[Literal["fr", "nl", "de", "en"], ShortText]
Profiles = Annotated[dict[str, ShortText], AfterValidator(_usable_profiles)]
Spoken = Annotated[
    tuple[ShortText, ...], Field(max_length=cleaned.MOST_LANGUAGES), AfterValidator(_usable_languages)
]
EnterpriseNumber = Annotated[ShortText, AfterValidator(_usable_enterprise)]
EstablishmentNumber = Annotated[ShortText, AfterValidator(_usable_establishment)]
Kind = Annotated[str, AfterValidator(_usable_kind)]
KindFilter = Annotated[str, StringConstraints(pattern=f"^{_FILTER.pattern}$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]

_EMPTY: dict[str, Any] = {"names": {}, "profiles": {}, "languages": ()}
"""What null makes of the fields that hold several things."""


class MerchantFields(Body):
    """What may be said of a merchant or left open."""

    name: ShortText | None = None
    names: Names | None = None
    street: Line | None = None
    house_number: Line | None = None
    postcode: Line | None = None
    place: Line | None = None
    phone: Phone | None = None
    email: Email | None = None
    website: Website | None = None
    profiles: Profiles | None = None
    opening_hours: Hours | None = None
    languages: Spoken | None = None
    enterprise_number: EnterpriseNumber | None = None
    establishment_number: EstablishmentNumber | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, as Details has them."""
        sent = self.model_dump(exclude_unset=True)
        return {field: _EMPTY.get(field) if value is None else value for field, value in sent.items()}


class ReviseMerchant(MerchantFields):
    """What changes; a field that is not sent stays as it is, null empties it."""

    # Without a kind or a place there is no merchant: these can be changed and not emptied.
    kind: Kind = UNSET
    longitude: Longitude = UNSET
    latitude: Latitude = UNSET


class ListMerchant(MerchantFields):
    """A merchant that no source has: what it is, where, and a name, be it in one language."""

    city_id: UUID
    kind: Kind
    longitude: Longitude
    latitude: Latitude
    owner_agrees: bool = False
    """Said where the shop objected to being listed once and its owner has changed their mind."""

    def details(self) -> Details:
        """What is said of it; its name is the first of those by language where none stands alone."""
        said = self.changes()
        del said["city_id"]
        said.pop("owner_agrees", None)
        names = said.get("names") or {}
        first = next((names[language] for language in cleaned.LANGUAGES if language in names), None)
        return Details(**{**said, "name": said.get("name") or first})


def require_in_country(details: Details) -> None:
    """Raise 422 where longitude and latitude lie abroad: most often they changed places."""
    if not is_in_belgium(details.longitude, details.latitude):
        raise invalid("longitude", f"{details.longitude:g}, {details.latitude:g} is not in Belgium")
