"""Which mapped things are merchants. The lists are decisions of the product, open to argument.

A merchant is an establishment that serves customers at its place: shops, crafts, food and drink, lodging,
services with a counter. Left out are machines, public services and schools, and the professions whose own
rules restrict advertising (doctors, dentists, lawyers, notaries): asking citizens to praise them in public
would put them at fault. A bank's branch is an establishment; its cash machine is not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a feature is left out: stable codes that a report's reader can count by."""

    NOT_A_FEATURE = "not_a_feature"
    NO_GEOMETRY = "no_geometry"
    UNSUPPORTED_GEOMETRY = "unsupported_geometry"
    INVALID_GEOMETRY = "invalid_geometry"
    NO_OSM_ID = "no_osm_id"
    DUPLICATE_FEATURE = "duplicate_feature"
    DUPLICATE_PLACE = "duplicate_place"
    NOT_A_MERCHANT = "not_a_merchant"
    EDUCATION = "education"
    PUBLIC_SERVICE = "public_service"
    HEALTH_OR_CARE = "health_or_care"
    REGULATED_PROFESSION = "regulated_profession"
    CULTURE_OR_COMMUNITY = "culture_or_community"
    OFFICE_WITHOUT_COUNTER = "office_without_counter"
    CASH_MACHINE = "cash_machine"
    VENDING_MACHINE = "vending_machine"
    FACILITY = "facility"
    VACANT = "vacant"
    NOT_OPEN_TO_PUBLIC = "not_open_to_public"
    CLOSED_HERE = "closed_here"
    DELISTED_HERE = "delisted_here"
    OBJECTED_HERE = "objected_here"
    LISTED_BY_HAND = "listed_by_hand"


@dataclass(frozen=True)
class NoMerchant:
    """Why the tags name no merchant."""

    reason: Reason
    detail: str


def _values(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MERCHANTS = {
    "amenity": _values(
        "animal_boarding bank bar bicycle_rental biergarten boat_rental bureau_de_change cafe "
        "car_rental car_wash casino cinema driving_school events_venue fast_food food_court "
        "fuel gambling ice_cream internet_cafe money_transfer motorcycle_rental nightclub "
        "pharmacy pub restaurant"
    ),
    "tourism": _values("apartment camp_site caravan_site chalet gallery guest_house hostel hotel motel"),
    "leisure": _values(
        "adult_gaming_centre amusement_arcade bowling_alley escape_game fitness_centre "
        "indoor_play miniature_golf sauna tanning_salon trampoline_park"
    ),
    "office": _values(
        "accountant architect coworking energy_supplier estate_agent financial "
        "financial_advisor graphic_design insurance interior_design it moving_company "
        "property_management surveyor tax_advisor telecommunication travel_agent"
    ),
    "healthcare": frozenset({"pharmacy", "optometrist", "hearing_aids"}),
}
_REASONS: dict[str, dict[Reason, frozenset[str]]] = {
    "amenity": {
        Reason.CASH_MACHINE: frozenset({"atm"}),
        Reason.VENDING_MACHINE: frozenset({"vending_machine", "photo_booth", "parcel_locker"}),
        Reason.EDUCATION: _values(
            "childcare college dancing_school kindergarten language_school music_school "
            "prep_school research_institute school university"
        ),
        Reason.PUBLIC_SERVICE: _values(
            "courthouse customs embassy fire_station library police post_depot post_office prison "
            "public_building ranger_station recycling register_office townhall vehicle_inspection "
            "waste_transfer_station"
        ),
        Reason.HEALTH_OR_CARE: _values(
            "clinic hospital nursing_home retirement_home social_centre social_facility"
        ),
        Reason.REGULATED_PROFESSION: frozenset({"dentist", "doctors", "veterinary"}),
        Reason.CULTURE_OR_COMMUNITY: _values(
            "arts_centre community_centre concert_hall conference_centre exhibition_centre "
            "monastery place_of_worship public_bookcase social_club studio theatre"
        ),
        Reason.FACILITY: _values(
            "bench bicycle_parking bus_station charging_station clock drinking_water fountain "
            "grave_yard marketplace parking parking_space post_box shelter shower taxi telephone "
            "toilets waste_basket waste_disposal water_point"
        ),
    },
    "office": {
        Reason.PUBLIC_SERVICE: frozenset({"administrative", "government", "diplomatic", "tax"}),
        Reason.REGULATED_PROFESSION: frozenset({"bailiff", "lawyer", "notary", "physician", "therapist"}),
    },
}
_OTHERWISE = {
    "amenity": Reason.NOT_A_MERCHANT,
    "tourism": Reason.CULTURE_OR_COMMUNITY,
    "leisure": Reason.FACILITY,
    "office": Reason.OFFICE_WITHOUT_COUNTER,
    "healthcare": Reason.REGULATED_PROFESSION,
}
_GONE = frozenset({"vacant", "disused", "abandoned", "empty", "closed", "demolished"})
_GONE_PREFIXES = ("disused:", "abandoned:", "was:", "removed:", "demolished:", "razed:", "closed:")
_OPEN_TO_ANYBODY = ("shop", "craft")
_VALUE = re.compile(r"[a-z0-9][a-z0-9_:-]{0,49}")
_NOTHING = frozenset({"", "no", "none"})


def kind_of(tags: Mapping[str, str]) -> str | NoMerchant:
    """The kind of merchant the tags name (`shop=bakery`), or why they name none."""
    if tags.get("amenity") == "vending_machine" or tags.get("shop") == "vending_machine":
        return NoMerchant(Reason.VENDING_MACHINE, "amenity=vending_machine")
    if gone := _sign_of_vacancy(tags):
        return NoMerchant(Reason.VACANT, gone)
    kind = _merchant_kind(tags)
    if kind is None:
        return _why_not(tags)
    if tags.get("access") in {"private", "no"}:
        return NoMerchant(Reason.NOT_OPEN_TO_PUBLIC, f"access={tags['access']}")
    return kind


def _value(tags: Mapping[str, str], key: str) -> str | None:
    """The first of several values (`bakery;pastry`); one that is no tag value becomes `yes`."""
    first = tags.get(key, "").split(";")[0].strip().lower().replace(" ", "_")
    if first in _NOTHING:
        return None
    return first if _VALUE.fullmatch(first) else "yes"


def _sign_of_vacancy(tags: Mapping[str, str]) -> str | None:
    if _value(tags, "shop") in _GONE:
        return f"shop={tags['shop']}"
    for key in ("disused", "abandoned"):
        if tags.get(key) == "yes":
            return f"{key}=yes"
    if any(_value(tags, key) for key in (*_OPEN_TO_ANYBODY, *_MERCHANTS)):
        return None
    formerly = (key for key in tags if key.startswith(_GONE_PREFIXES) and key.partition(":")[2] != "name")
    return next(formerly, None)


def _merchant_kind(tags: Mapping[str, str]) -> str | None:
    for key in _OPEN_TO_ANYBODY:
        if value := _value(tags, key):
            return f"{key}={value}"
    for key, values in _MERCHANTS.items():
        if (value := _value(tags, key)) in values:
            return f"{key}={value}"
    return None


def _why_not(tags: Mapping[str, str]) -> NoMerchant:
    for key, otherwise in _OTHERWISE.items():
        value = _value(tags, key)
        if value is None:
            continue
        reasons = _REASONS.get(key, {})
        reason = next((reason for reason, values in reasons.items() if value in values), otherwise)
        return NoMerchant(reason, f"{key}={value}")
    return NoMerchant(Reason.NOT_A_MERCHANT, "no tag of a shop, craft, restaurant, lodging or office")
