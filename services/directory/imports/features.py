"""Reads GeoJSON as its exporters write it: overpass turbo, osmtogeojson, QuickOSM, osmium."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.directory.merchants.details import plain_text

MAX_FEATURES = 50_000
_TYPES = {"n": "node", "w": "way", "r": "relation"}
_SPELLED = re.compile(r"(?:https?://(?:www\.)?openstreetmap\.org/)?(node|way|relation)/(\d{1,18})", re.ASCII)
_SHORT = re.compile(r"([nwra])(\d{1,18})", re.ASCII)
_CENTRES = frozenset({"center", "centroid"})
_WGS84 = re.compile(r"(CRS84|EPSG:{1,2}4326)$")


class NoCollection(ValueError):
    """The body is no feature collection one can read. `field` names what is wrong."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


@dataclass(frozen=True)
class Feature:
    """One object of the map, its tags cleaned, its geometry still as given."""

    index: int
    osm_id: str | None
    """`node/123`, `way/123` or `relation/123`."""
    tags: Mapping[str, str]
    geometry: Any
    is_centre: bool
    """The exporter wrote the middle of an area instead of the area."""

    @property
    def label(self) -> str | None:
        """What a person recognises it by in a report."""
        name = self.tags.get("name")
        return name[:80] if name else None


def features_of(collection: Any) -> list[Any]:
    """The features of a collection, unread. Raises NoCollection."""
    if not isinstance(collection, dict):
        raise NoCollection("body", "a GeoJSON FeatureCollection is an object")
    if collection.get("type") != "FeatureCollection":
        raise NoCollection("type", "type must be FeatureCollection")
    features = collection.get("features")
    if not isinstance(features, list):
        raise NoCollection("features", "features must be an array")
    if len(features) > MAX_FEATURES:
        raise NoCollection("features", f"more than {MAX_FEATURES} features: import the city in parts")
    _check_reference_system(collection.get("crs"))
    return features


def _check_reference_system(crs: Any) -> None:
    if not isinstance(crs, dict):
        return
    properties = crs.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and not _WGS84.search(name):
        raise NoCollection("crs", f"coordinates must be WGS 84 degrees, not {name[:60]}")


def read_feature(index: int, given: Any) -> Feature | None:
    """The feature, or None where it is none."""
    if not isinstance(given, dict) or given.get("type") != "Feature":
        return None
    properties = given.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    return Feature(
        index=index,
        osm_id=_osm_id(given, properties),
        tags=_tags(properties),
        geometry=given.get("geometry"),
        is_centre=properties.get("@geometry") in _CENTRES,
    )


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    """Flat tags, or nested under `tags` as osmtogeojson can write them."""
    nested = properties.get("tags")
    merged = {**nested, **properties} if isinstance(nested, dict) else properties
    cleaned = ((str(key), plain_text(value)) for key, value in merged.items())
    return {key: value for key, value in cleaned if value is not None}


def _osm_id(given: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    candidates = (properties.get("@id"), given.get("id"), properties.get("id"), properties.get("full_id"))
    for candidate in candidates:
        if isinstance(candidate, str) and (osm_id := _spelled_id(candidate.strip())):
            return osm_id
    return _number_with_type(candidates, properties)


def _spelled_id(text: str) -> str | None:
    if match := _SPELLED.fullmatch(text):
        return _id(match[1], int(match[2]))
    if match := _SHORT.fullmatch(text):
        number = int(match[2])
        if match[1] != "a":
            return _id(_TYPES[match[1]], number)
        # osmium numbers areas: twice the way's id, or twice the relation's id and one.
        return _id("relation" if number % 2 else "way", number // 2)
    return None


def _number_with_type(candidates: tuple[Any, ...], properties: Mapping[str, Any]) -> str | None:
    types = (properties.get("@type"), properties.get("osm_type"), properties.get("type"))
    kind = next((kind for kind in types if kind in _TYPES.values()), None) if _hashable(types) else None
    for candidate in (*candidates, properties.get("osm_id")):
        text = str(candidate) if isinstance(candidate, str | int) else ""
        if kind and text.isascii() and text.isdigit() and len(text) <= 18:
            return _id(str(kind), int(text))
    return None


def _hashable(values: tuple[Any, ...]) -> bool:
    return all(value is None or isinstance(value, str | int | float) for value in values)


def _id(kind: str, number: int) -> str | None:
    """Ids below one are drafts of an editor that the map does not know."""
    return f"{kind}/{number}" if number > 0 else None
