"""Decides, feature by feature, what of a map extract is a merchant: the same file, the same outcomes.

A merchant without a name is kept: it exists, citizens stand before it, and its kind and place show which
one is meant until its city or owner names it. A merchant without an address is kept for the same reason.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.directory.imports.features import Feature, features_of, read_feature
from services.directory.imports.geometry import Position, Unplaced, point_of
from services.directory.imports.kinds import NoMerchant, Reason, kind_of
from services.directory.merchants import details as shown
from services.directory.merchants.details import Details

SAME_PLACE_METRES = 50
"""A shop mapped twice, as a point and as its building, lies within this distance of itself."""
_METRES_PER_DEGREE = 111_320
_CELL_DEGREES = 0.001  # never narrower than 50 m below 60 degrees of latitude

_WEBSITE_KEYS = ("website", "contact:website", "url", "contact:facebook", "facebook")
_PHONE_KEYS = ("phone", "contact:phone", "mobile", "contact:mobile")


@dataclass(frozen=True)
class Listable:
    """A feature that is a merchant, with what the map says of it."""

    index: int
    osm_id: str
    label: str | None
    details: Details
    notes: tuple[str, ...] = ()
    """What a reader of the report may want to put right: codes such as `name_missing`."""


@dataclass(frozen=True)
class LeftOut:
    """A feature that is not listed, and why."""

    index: int
    osm_id: str | None
    label: str | None
    reason: Reason
    detail: str


Outcome = Listable | LeftOut


def classify(collection: Any, known: Collection[str] = frozenset()) -> list[Outcome]:
    """One outcome per feature, in the order of the file. `known` are the OSM ids listed already.

    Raises NoCollection where `collection` is no GeoJSON FeatureCollection.
    """
    given = features_of(collection)
    features = [read_feature(index, feature) for index, feature in enumerate(given)]
    first = _first_of_each(feature for feature in features if feature is not None)
    outcomes = [_outcome(index, feature, first) for index, feature in enumerate(features)]
    twice = _mapped_twice([outcome for outcome in outcomes if isinstance(outcome, Listable)], known)
    return [twice.get(outcome.index, outcome) for outcome in outcomes]


def _first_of_each(features: Iterable[Feature]) -> dict[str, Feature]:
    """The feature that stands for each OSM id: the drawn area before its mere centre, then file order."""
    first: dict[str, Feature] = {}
    for feature in features:
        if feature.osm_id is None:
            continue
        standing = first.setdefault(feature.osm_id, feature)
        if standing.is_centre and not feature.is_centre:
            first[feature.osm_id] = feature
    return first


def _outcome(index: int, feature: Feature | None, first: dict[str, Feature]) -> Outcome:
    if feature is None:
        return LeftOut(index, None, None, Reason.NOT_A_FEATURE, "not a GeoJSON Feature")

    def left_out(reason: Reason, detail: str) -> LeftOut:
        return LeftOut(index, feature.osm_id, feature.label, reason, detail)

    if feature.osm_id is not None and first[feature.osm_id] is not feature:
        return left_out(
            Reason.DUPLICATE_FEATURE, f"feature {first[feature.osm_id].index} has the same OSM id"
        )
    kind = kind_of(feature.tags)
    if isinstance(kind, NoMerchant):
        return left_out(kind.reason, kind.detail)
    if feature.osm_id is None:
        # Without an id of its own a shop would be listed anew by every import.
        return left_out(Reason.NO_OSM_ID, "no id like node/123, way/123 or relation/123")
    try:
        position = point_of(feature.geometry)
    except Unplaced as unplaced:
        return left_out(unplaced.reason, str(unplaced))
    details, notes = _details(feature, kind, position)
    return Listable(index, feature.osm_id, feature.label, details, notes)


def _details(feature: Feature, kind: str, position: Position) -> tuple[Details, tuple[str, ...]]:
    tags = feature.tags
    longitude, latitude = position
    details = Details(
        kind=kind,
        longitude=longitude,
        latitude=latitude,
        name=tags.get("name"),
        street=tags.get("addr:street") or tags.get("addr:place"),
        house_number=tags.get("addr:housenumber"),
        postcode=tags.get("addr:postcode"),
        place=tags.get("addr:city"),
        phone=_first_usable(tags, _PHONE_KEYS, shown.phone_number),
        website=_first_usable(tags, _WEBSITE_KEYS, shown.web_address),
        opening_hours=tags.get("opening_hours"),
    )
    details, notes = _within_limits(details)
    if details.name is None:
        notes.append("name_missing")
    if details.street is None:
        notes.append("address_missing")
    if details.phone is None and any(key in tags for key in _PHONE_KEYS):
        notes.append("phone_not_usable")
    if details.website is None and any(key in tags for key in _WEBSITE_KEYS):
        notes.append("website_not_usable")
    if details.opening_hours and shown.normal_opening_hours(details.opening_hours) is None:
        notes.append("opening_hours_not_parseable")
    return details, tuple(notes)


def _first_usable(tags: Any, keys: Iterable[str], read: Any) -> str | None:
    return next((usable for key in keys if (usable := read(tags.get(key)))), None)


def _within_limits(details: Details) -> tuple[Details, list[str]]:
    """Texts cut to what a page can show; each cut is noted."""
    limits = {
        "name": shown.NAME_LIMIT,
        "street": shown.ADDRESS_LIMIT,
        "house_number": shown.ADDRESS_LIMIT,
        "postcode": shown.ADDRESS_LIMIT,
        "place": shown.ADDRESS_LIMIT,
        "opening_hours": shown.HOURS_LIMIT,
    }
    too_long = {field: limit for field, limit in limits.items() if len(getattr(details, field) or "") > limit}
    cut = {field: getattr(details, field)[:limit].rstrip() for field, limit in too_long.items()}
    return replace(details, **cut), [f"{field}_shortened" for field in too_long]


def _mapped_twice(listable: Sequence[Listable], known: Collection[str]) -> dict[int, Outcome]:
    """Shops drawn both as a point and as an area near it, with one name: all but one are left out.

    The one listed already stays, so that a later import cannot swap it; else the area, then the lower id.
    """
    cells: dict[tuple[str, int, int], list[Listable]] = {}
    twice: dict[int, Outcome] = {}
    for shop in sorted(listable, key=lambda shop: _standing(shop, known)):
        if shop.details.name is None:
            continue
        name = shop.details.name.casefold()
        column = math.floor(shop.details.longitude / _CELL_DEGREES)
        row = math.floor(shop.details.latitude / _CELL_DEGREES)
        around = ((name, column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1))
        same = next(
            (other for cell in around for other in cells.get(cell, ()) if _same_place(shop, other)), None
        )
        if same is not None and shop.osm_id not in known:
            detail = f"feature {same.index} ({same.osm_id}) has the same name within {SAME_PLACE_METRES} m"
            twice[shop.index] = LeftOut(shop.index, shop.osm_id, shop.label, Reason.DUPLICATE_PLACE, detail)
        else:
            cells.setdefault((name, column, row), []).append(shop)
    return twice


def _standing(shop: Listable, known: Collection[str]) -> tuple[bool, bool, int, str]:
    kind, _, number = shop.osm_id.partition("/")
    return shop.osm_id not in known, kind == "node", int(number), kind


def _same_place(one: Listable, other: Listable) -> bool:
    """A point and an area, close together; two points of one name are two shops until somebody says no."""
    if one.osm_id.startswith("node/") == other.osm_id.startswith("node/"):
        return False
    north = (one.details.latitude - other.details.latitude) * _METRES_PER_DEGREE
    shrink = math.cos(math.radians(one.details.latitude))
    east = (one.details.longitude - other.details.longitude) * _METRES_PER_DEGREE * shrink
    return math.hypot(north, east) <= SAME_PLACE_METRES
