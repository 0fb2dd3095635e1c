"""Decides, feature by feature, what of a map extract is a merchant: the same file, the same outcomes.

A merchant without a name is kept: it exists, citizens stand before it, and its kind and place show which
one is meant until its city or owner names it. A merchant without an address is kept for the same reason.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.directory.imports.features import Feature, features_of, read_feature
from services.directory.imports.geometry import Unplaced, point_of
from services.directory.imports.kinds import NoMerchant, Reason, kind_of
from services.directory.imports.tags import details_of
from services.directory.merchants.details import Details
from services.directory.merchants.sameness import SAME_PLACE_METRES, are_near

_CELL_DEGREES = 0.001  # never narrower than 50 m below 60 degrees of latitude


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
    details, notes = details_of(feature.tags, kind, position)
    return Listable(index, feature.osm_id, feature.label, details, notes)


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
    return are_near(one.details, other.details)
