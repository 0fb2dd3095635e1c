"""Outlines of districts as people bring them: GeoJSON of one or of several, read and looked at. No I/O."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.portal.shops import Shop

MOST = 50
"""Districts in one file."""
MOST_BYTES = 500_000


@dataclass(frozen=True)
class Outline:
    """A district that is not drawn yet."""

    name: str
    polygon: dict[str, Any]

    @property
    def ring(self) -> list[tuple[float, float]]:
        """The outer one."""
        return [(point[0], point[1]) for point in self.polygon["coordinates"][0]]

    def holds(self, shops: Sequence[Shop]) -> int:
        """How many of them lie within its outer ring."""
        return sum(_is_within(self.ring, each.longitude, each.latitude) for each in shops)


class NoOutline(ValueError):
    """What was brought is nothing of the kind; the name of why."""


def outlines_of(text: str, name: str) -> list[Outline]:
    """All outlines of a GeoJSON text; those without a name of their own are called `name`.

    Raises NoOutline("unreadable"), ("no-polygon") or ("name").
    """
    try:
        read = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NoOutline("unreadable") from None
    features = read.get("features") if isinstance(read, dict) else None
    several = features if isinstance(features, list) else [read]
    found = [_outline(each, name) for each in several[: MOST + 1]]
    if not found or len(found) > MOST:
        raise NoOutline("no-polygon")
    if not all(each.name for each in found):
        raise NoOutline("name")
    return found


def text_of(outlines: Sequence[Outline]) -> str:
    """The same as GeoJSON again."""
    features = [
        {"type": "Feature", "properties": {"name": each.name}, "geometry": each.polygon} for each in outlines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _no_number(_: str) -> None:
    raise ValueError("no number of JSON")


def _outline(read: Any, name: str) -> Outline:
    if not isinstance(read, dict):
        raise NoOutline("no-polygon")
    geometry = read.get("geometry") if read.get("type") == "Feature" else read
    properties = read.get("properties") if isinstance(read.get("properties"), dict) else {}
    own = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") != "Polygon":
        raise NoOutline("no-polygon")
    try:
        rings = [[_point(point) for point in ring] for ring in geometry["coordinates"]]
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise NoOutline("no-polygon") from None
    if not rings or len(rings[0]) < 4:
        raise NoOutline("no-polygon")
    called = (own.strip() if isinstance(own, str) else "") or name.strip()
    return Outline(called.encode("utf-8", "replace").decode(), {"type": "Polygon", "coordinates": rings})


def _point(read: Any) -> list[float]:
    """Longitude and latitude in degrees. Raises ValueError for what is nowhere on earth."""
    longitude, latitude = float(read[0]), float(read[1])
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError("not on earth")
    return [longitude, latitude]


def _is_within(ring: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    """By counting the sides that a line from the point to the east crosses."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
