"""Where a feature lies: one point in WGS 84 degrees, however it was drawn."""

import math
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon

from services.directory.imports.kinds import Reason

MAX_POINTS = 10_000
"""A shop drawn with more points is a mistake, and repairing it could take minutes."""
DECIMALS = 7
"""OpenStreetMap's own precision, about a centimetre: rounding keeps a second import equal to the first."""

Position = tuple[float, float]


class Unplaced(Exception):
    """A geometry gives no point. `reason` is the code, the message says what is wrong."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def point_of(geometry: Any) -> Position:
    """The point itself, or a point inside the area. Raises Unplaced."""
    if geometry is None:
        raise Unplaced(Reason.NO_GEOMETRY, "geometry is missing")
    if not isinstance(geometry, dict):
        raise Unplaced(Reason.INVALID_GEOMETRY, "geometry is not an object")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        longitude, latitude = _position(coordinates)
    elif kind == "Polygon":
        longitude, latitude = _inside([coordinates])
    elif kind == "MultiPolygon":
        longitude, latitude = _inside(coordinates)
    else:
        name = kind[:40] if isinstance(kind, str) else "nothing"
        raise Unplaced(Reason.UNSUPPORTED_GEOMETRY, f"a merchant is a point or an area, not {name}")
    return round(longitude, DECIMALS), round(latitude, DECIMALS)


def _inside(polygons: Any) -> Position:
    if not isinstance(polygons, list) or not polygons:
        raise Unplaced(Reason.INVALID_GEOMETRY, "an area needs at least one polygon")
    try:
        drawn = [_polygon(rings) for rings in polygons]
        if sum(map(shapely.get_num_coordinates, drawn)) > MAX_POINTS:
            raise Unplaced(Reason.INVALID_GEOMETRY, f"more than {MAX_POINTS} points")
        area = drawn[0] if len(drawn) == 1 else MultiPolygon(drawn)
        inside = (area if area.is_valid else shapely.make_valid(area)).representative_point()
    except (ShapelyError, ValueError) as error:
        raise Unplaced(Reason.INVALID_GEOMETRY, str(error)[:200]) from error
    if inside.is_empty:
        raise Unplaced(Reason.INVALID_GEOMETRY, "the area is empty")
    return float(inside.x), float(inside.y)


def _polygon(rings: Any) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise Unplaced(Reason.INVALID_GEOMETRY, "a polygon needs an outer ring")
    outer, *holes = [_ring(ring) for ring in rings]
    return Polygon(outer, holes)


def _ring(ring: Any) -> list[Position]:
    if not isinstance(ring, list) or not 4 <= len(ring) <= MAX_POINTS:
        raise Unplaced(Reason.INVALID_GEOMETRY, f"a ring has 4 to {MAX_POINTS} positions")
    return [_position(position) for position in ring]


def _position(value: Any) -> Position:
    if not isinstance(value, list) or len(value) < 2:
        raise Unplaced(Reason.INVALID_GEOMETRY, "a position is [longitude, latitude]")
    longitude, latitude = _degrees(value[0], 180, "longitude"), _degrees(value[1], 90, "latitude")
    return longitude, latitude


def _degrees(value: Any, limit: int, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unplaced(Reason.INVALID_GEOMETRY, f"{name} is not a number")
    if not -limit <= value <= limit or not math.isfinite(value):
        raise Unplaced(Reason.INVALID_GEOMETRY, f"{name} is beyond ±{limit} degrees")
    return float(value)
