"""The map of a town, drawn from our own data: its districts, and a dot for each shop."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.portal.shops import Shop
from services.portal.towns import District

WIDTH = 640
_MARGIN = 24
_HIGHEST = 640
_LETTER, _LINE = 12.5, 28
"""How wide a letter of a label is about, and how high a label: both a little more than they are."""
Place = tuple[float, float]
"""Longitude and latitude, degrees (WGS 84)."""


@dataclass(frozen=True)
class Area:
    name: str
    path: str
    x: float
    y: float
    """Where its name is written: in the middle above this line."""

    def is_written_over(self, other: Area) -> bool:
        """Whether the two names could not both be read."""
        letters = (len(self.name) + len(other.name)) / 2
        return abs(self.y - other.y) < _LINE and abs(self.x - other.x) < letters * _LETTER


@dataclass(frozen=True)
class TownMap:
    height: int
    areas: list[Area]
    dots: str
    """One path with a point for each shop."""
    west: float
    north: float
    """Longitude and latitude of the upper left corner."""
    across: float
    down: float
    """Degrees from one point to the next."""


def town_map(districts: Sequence[District], shops: Sequence[Shop]) -> TownMap | None:
    """None where there is nothing to be drawn."""
    rings = [(district.name, _rings(district)) for district in districts]
    places = [place for _, each in rings for ring in each for place in ring]
    # A shop far out would make the town a spot: the districts say how far the map goes, where there are any.
    places = places or [(shop.longitude, shop.latitude) for shop in shops]
    if not places:
        return None
    frame = _Frame.around(places)
    areas = _apart([_area(name, each, frame) for name, each in rings if each])
    seen = [frame.at((shop.longitude, shop.latitude)) for shop in shops]
    dots = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in dict.fromkeys(seen) if frame.has(x, y))
    across, down = 1 / (frame.scale * frame.squeeze), 1 / frame.scale
    corner = frame.west - _MARGIN * across, frame.north + _MARGIN * down
    height = max(frame.height, *(round(area.y) + _LINE // 2 for area in areas), 0)
    return TownMap(height, areas, dots, *corner, across, down)


@dataclass(frozen=True)
class _Frame:
    """Degrees to points of the drawing: as wide as a degree is at that latitude."""

    west: float
    north: float
    scale: float
    squeeze: float
    height: int

    @classmethod
    def around(cls, places: Sequence[Place]) -> _Frame:
        west, east = min(x for x, _ in places), max(x for x, _ in places)
        south, north = min(y for _, y in places), max(y for _, y in places)
        squeeze = math.cos(math.radians((south + north) / 2))
        room = WIDTH - 2 * _MARGIN
        scale = min(
            room / max((east - west) * squeeze, 1e-4), (_HIGHEST - 2 * _MARGIN) / max(north - south, 1e-4)
        )
        west -= (room / scale - (east - west) * squeeze) / 2 / squeeze  # in the middle
        height = max(round((north - south) * scale) + 2 * _MARGIN, 200)
        return cls(west, north, scale, squeeze, height)

    def at(self, place: Place) -> Place:
        x = _MARGIN + (place[0] - self.west) * self.squeeze * self.scale
        y = _MARGIN + (self.north - place[1]) * self.scale
        return round(x), round(y)

    def has(self, x: float, y: float) -> bool:
        return 0 <= x <= WIDTH and 0 <= y <= self.height


def _rings(district: District) -> list[list[Place]]:
    """Outer rings of a GeoJSON polygon or of several; none where it is neither."""
    coordinates = district.polygon.get("coordinates") or []
    polygons = [coordinates] if district.polygon.get("type") == "Polygon" else coordinates
    try:
        return [[(float(x), float(y)) for x, y, *_ in polygon[0]] for polygon in polygons]
    except (IndexError, TypeError, ValueError):
        return []


def _area(name: str, rings: Iterable[Sequence[Place]], frame: _Frame) -> Area:
    drawn = [[frame.at(place) for place in ring] for ring in rings]
    path = "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring) + "z" for ring in drawn)
    points = [point for ring in drawn for point in ring]
    half = len(name) * _LETTER / 2
    x = sum(x for x, _ in points) / len(points)
    # Below the district: its shops stay seen. Never beyond the edge, where there is room for the name at all.
    return Area(name, path, max(half, min(x, WIDTH - half)), max(y for _, y in points) + _LINE * 0.8)


def _apart(areas: Sequence[Area]) -> list[Area]:
    """The names one below the other where they would be written over each other."""
    placed: list[Area] = []
    for area in sorted(areas, key=lambda each: each.y):
        lower = (replace(area, y=area.y + lines * _LINE) for lines in itertools.count())
        placed.append(next(one for one in lower if not any(map(one.is_written_over, placed))))
    return placed
