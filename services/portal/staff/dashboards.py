"""A dashboard as its page shows it: what campaigns count, with the names that the directory knows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import part
from services.portal.shops import City, Shop, read_city, read_shop
from services.portal.staff.series import Series, series
from services.portal.visitors import Visitor

DAYS = 28
_SHOPS_NAMED = 12
"""Of those not reached: enough to go and see, and few enough to ask for by name."""


class Figure(Struct):
    kind: str
    today: int
    total: int


class OfDay(Struct):
    day: date
    kind: str
    counted: int


class Ambassadors(Struct):
    active: int


class Reach(Struct):
    merchants: int
    reached: int
    actions: int


class DistrictReach(Reach):
    district_id: UUID | None


class Goal(Struct):
    figure: str
    target: int
    counted: int
    reached_at: datetime | None


class Moderation(Struct):
    open: int
    overdue: int
    decided: int
    median_seconds: float | None

    @property
    def median_hours(self) -> float | None:
        """From when a case was opened to its decision."""
        return None if self.median_seconds is None else round(self.median_seconds / 3600, 1)


class Elsewhere(Struct):
    platform: str
    posts: int
    new: int


class Dashboard(Struct):
    today: date
    actions: list[Figure]
    action_days: list[OfDay]
    visits: list[Figure]
    visit_days: list[OfDay]
    ambassadors: Ambassadors
    merchants: Reach
    districts: list[DistrictReach]
    goals: list[Goal]
    moderation: Moderation
    elsewhere: list[Elsewhere]

    def action_series(self) -> Series:
        return self._series(self.action_days)

    def visit_series(self) -> Series:
        return self._series(self.visit_days)

    def _series(self, days: Sequence[OfDay]) -> Series:
        return series(((each.day, each.kind, each.counted) for each in days), self.today, DAYS)


class District(Struct):
    id: UUID
    name: str


class Districts(Struct):
    items: list[District]


class NotReached(Struct):
    merchant_id: UUID


class AllNotReached(Struct):
    items: list[NotReached]
    next: str | None = None


class Campaign(Struct):
    id: UUID
    city_id: UUID
    name: str
    description: str
    state: str
    starts_at: datetime
    ends_at: datetime


class Campaigns(Struct):
    items: list[Campaign]
    next: str | None = None


@dataclass(frozen=True)
class Overview:
    """Of a city or of a campaign in it; a part is None where nobody tells."""

    city_id: UUID
    city: City | None
    dashboard: Dashboard
    districts: Mapping[UUID, str]
    not_reached: Sequence[Shop] | None
    more_not_reached: bool


async def read_overview(visitor: Visitor, about: str, city_id: UUID) -> Overview:
    """What is counted about `about`, a path such as `cities/<id>`. Raises NotThere for whom it is not for."""
    path = f"/api/v1/dashboards/{about}"
    dashboard, city, districts, not_reached = await asyncio.gather(
        visitor.shaped(Dashboard, "campaigns", path, days=DAYS),
        part(read_city(visitor.neighbours, city_id)),
        part(visitor.shaped(Districts, "directory", f"/api/v1/cities/{city_id}/districts", limit=100)),
        part(visitor.shaped(AllNotReached, "campaigns", f"{path}/not-reached", limit=_SHOPS_NAMED)),
    )
    return Overview(
        city_id,
        city,
        dashboard,
        {each.id: each.name for each in districts.items} if districts else {},
        None if not_reached is None else await _named(visitor, not_reached.items),
        more_not_reached=not_reached is not None and not_reached.next is not None,
    )


async def _named(visitor: Visitor, shops: Sequence[NotReached]) -> list[Shop]:
    """Those of them that the directory tells of."""
    asked = [part(read_shop(visitor.neighbours, each.merchant_id, visitor.language)) for each in shops]
    return [each for each in await asyncio.gather(*asked) if each is not None]
