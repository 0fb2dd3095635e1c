"""What campaigns knows of the directory's places, and how news about them is merged. Pure.

Events arrive in any order and more than once. Each part of what is known carries the version of the news
it comes from, and a part is only ever replaced by a newer one: any order ends in the same knowledge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]
"""Outer ring first, then holes; closed lines of (longitude, latitude)."""


@dataclass(frozen=True)
class Setting:
    """A merchant's public state, as one version of it was."""

    version: int
    kind: str
    longitude: float
    latitude: float
    district_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Merchant:
    """What is known of a merchant; its closing may be heard of before its listing."""

    id: UUID
    city_id: UUID
    setting: Setting | None = None
    closed_version: int | None = None

    @property
    def known(self) -> bool:
        """Whether the directory has told where and what it is."""
        return self.setting is not None

    @property
    def closed(self) -> bool:
        """Whether the newest news is that it closed. One listed again later is open again."""
        if self.closed_version is None:
            return False
        return self.setting is None or self.closed_version > self.setting.version

    def merged(self, news: Merchant) -> Merchant:
        """The newer part of both. Commutative, associative and idempotent."""
        return Merchant(
            self.id,
            self.city_id,
            max((self.setting, news.setting), key=lambda setting: setting.version if setting else 0),
            max((self.closed_version, news.closed_version), key=lambda version: version or 0),
        )


@dataclass(frozen=True)
class District:
    """A district with its last outline, which goes on holding for campaigns that began in it."""

    id: UUID
    city_id: UUID
    version: int
    """Of the outline; 0 where its removal was heard of first."""
    polygon: Polygon
    removed: bool = False
    """Once it is, it stays so."""

    def merged(self, news: District) -> District:
        """The newer outline of both. Commutative, associative and idempotent."""
        newer = news if news.version > self.version else self
        return replace(newer, removed=self.removed or news.removed)


@dataclass(frozen=True)
class City:
    id: UUID
    version: int
    nis_code: str

    def merged(self, news: City) -> City:
        return news if news.version > self.version else self


@dataclass(frozen=True)
class Area:
    """Which merchants something is meant for. Empty parts mean all."""

    district_ids: frozenset[UUID] = frozenset()
    kinds: frozenset[str] = frozenset()

    def includes(self, setting: Setting, outlines: Mapping[UUID, Polygon]) -> bool:
        """Whether a merchant of this setting belongs to it.

        The outline of a district as it is now decides: the list that came with the merchant is as old as
        the merchant's last change. Where an outline is not known yet, the list does.
        """
        if self.kinds and setting.kind not in self.kinds:
            return False
        if not self.district_ids:
            return True
        return any(
            contains(outlines[district], setting.longitude, setting.latitude)
            if district in outlines
            else district in setting.district_ids
            for district in self.district_ids
        )


def contains(polygon: Polygon, longitude: float, latitude: float) -> bool:
    """Whether the point lies in the polygon: in its outer ring and in none of its holes.

    Points on the outer line belong to it, so that a shop on the border of two districts is in both.
    """
    if not polygon or not _in_ring(polygon[0], longitude, latitude):
        return False
    return not any(
        _in_ring(hole, longitude, latitude) and not _on_ring(hole, longitude, latitude)
        for hole in polygon[1:]
    )


def _in_ring(ring: Ring, x: float, y: float) -> bool:
    """Ray casting: a point is inside if a ray from it crosses the line an odd number of times."""
    if _on_ring(ring, x, y):
        return True
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _on_ring(ring: Ring, x: float, y: float) -> bool:
    for (x1, y1), (x2, y2) in pairwise(ring):
        if min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            across = (x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)
            if abs(across) < 1e-12:
                return True
    return False
