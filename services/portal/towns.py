"""A town as its page shows it: who is responsible, what is on, what was set in motion, and its shops."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import Neighbours, NotThere, Unanswered, part
from services.portal.shops import City, Shop

SHOPS_A_PAGE = 40
_MOST_FOUND = 50
_A_READING, _MOST_READINGS = 100, 5
_REMEMBERED_SECONDS = 60.0
_MOST_REMEMBERED = 64


class Cities(Struct):
    items: list[City]
    next: str | None = None


class Shops(Struct):
    items: list[Shop]
    next: str | None = None


class Found(Struct):
    merchant: Shop


class Result(Struct):
    items: list[Found]


class Campaign(Struct):
    id: UUID
    name: str
    description: str
    starts_at: datetime
    ends_at: datetime
    state: str


class Campaigns(Struct):
    items: list[Campaign]

    def in_state(self, state: str) -> list[Campaign]:
        return [each for each in self.items if each.state == state]


class Initiative(Struct):
    """An entry of the city's register."""

    kind: str
    title: str | None
    organiser: str | None
    responsible: str | None
    starts_on: date
    ends_on: date | None
    link: str | None

    @property
    def web(self) -> str | None:
        """Its page, where that is an address of the web."""
        return self.link if self.link and self.link.startswith(("https://", "http://")) else None


class Initiatives(Struct):
    items: list[Initiative]
    next: str | None = None


class ComingSession(Struct):
    """An awareness session or a training that merchants can still come to."""

    id: UUID
    title: str
    place: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    language: str


class ComingSessions(Struct):
    items: list[ComingSession]


class District(Struct):
    id: UUID
    name: str
    polygon: dict[str, Any]


class Districts(Struct):
    items: list[District]


@dataclass(frozen=True)
class Overview:
    """All shops of a town, or the first five hundred."""

    shops: list[Shop]
    or_more: bool

    @property
    def kinds(self) -> list[tuple[str, str, int]]:
        """Kind, its name and how many shops are of it, the most frequent first."""
        names = {shop.kind: shop.kind_name for shop in self.shops}
        counts = Counter(shop.kind for shop in self.shops)
        return [(kind, names[kind], count) for kind, count in counts.most_common()]

    def in_district(self, district: UUID) -> int:
        return sum(district in shop.district_ids for shop in self.shops)


@dataclass(frozen=True)
class Wish:
    """What somebody looks for among the shops."""

    q: str = ""
    kind: str = ""
    district: UUID | None = None
    open_now: bool = False
    cursor: str | None = None

    @property
    def is_any(self) -> bool:
        return bool(self.q or self.kind or self.district or self.open_now)


@dataclass(frozen=True)
class TownPage:
    """The town, and each part of its page; None where nobody tells."""

    city: City
    shops: Shops | None
    overview: Overview | None
    districts: Districts | None
    campaigns: Campaigns | None
    initiatives: Initiatives | None
    sessions: ComingSessions | None


class Towns:
    """Reads towns. What they are, and all their shops, is remembered for a minute: it takes some requests."""

    def __init__(self, neighbours: Neighbours, seconds: Callable[[], float] = monotonic) -> None:
        self._neighbours = neighbours
        self._seconds = seconds
        self._seen: dict[tuple[UUID, str], tuple[float, Overview]] = {}
        self._cities: dict[str, tuple[float, City]] = {}

    async def all(self) -> Cities:
        """Those that take part, the first hundred. Raises Unanswered."""
        return await self._neighbours.read("directory", "/api/v1/cities", Cities, limit=100)

    async def page(self, nis_code: str, language: str, wish: Wish, now: datetime) -> TownPage:
        """All of it. Raises NotThere and Unanswered for the town itself alone."""
        city, read = await self._city(nis_code), self._neighbours.read
        of_city = {"city": str(city.id)}
        coming = {"state": "announced", "since": now.isoformat(timespec="milliseconds"), **of_city}
        shops, overview, districts, campaigns, initiatives, sessions = await asyncio.gather(
            part(self._shops(city.id, language, wish)),
            part(self.overview(city.id, language)),
            part(read("directory", f"/api/v1/cities/{city.id}/districts", Districts, limit=100)),
            part(read("campaigns", "/api/v1/campaigns", Campaigns, language=language, **of_city)),
            part(read("campaigns", "/api/v1/initiatives", Initiatives, limit=50, **of_city)),
            part(read("assessment", "/api/v1/town-sessions", ComingSessions, limit=10, **coming)),
        )
        return TownPage(city, shops, overview, districts, campaigns, initiatives, sessions)

    async def _city(self, nis_code: str) -> City:
        """Remembered for a minute, and beyond that while nobody can tell: the rest of the page may stand."""
        seen_at, known = self._cities.get(nis_code, (float("-inf"), None))
        if known is not None and self._seconds() - seen_at < _REMEMBERED_SECONDS:
            return known
        try:
            found = await self._neighbours.read("directory", "/api/v1/cities", Cities, nis_code=nis_code)
        except NotThere:
            raise
        except Unanswered:
            if known is None:
                raise
            return known
        if not found.items:
            self._cities.pop(nis_code, None)
            raise NotThere(nis_code)
        self._cities[nis_code] = (self._seconds(), found.items[0])
        return found.items[0]

    async def _shops(self, city: UUID, language: str, wish: Wish) -> Shops:
        asked: dict[str, str | None] = {
            "city": str(city),
            "kind": wish.kind or None,
            "district": str(wish.district) if wish.district else None,
            "language": language,
        }
        if wish.q:
            asked |= {"q": wish.q, "open_now": "true" if wish.open_now else None}
            result = await self._neighbours.read(
                "directory", "/api/v1/merchants/search", Result, limit=_MOST_FOUND, **asked
            )
            return Shops([each.merchant for each in result.items])
        asked |= {"open": "now" if wish.open_now else None, "cursor": wish.cursor}
        return await self._neighbours.read(
            "directory", "/api/v1/merchants", Shops, limit=SHOPS_A_PAGE, **asked
        )

    async def overview(self, city: UUID, language: str) -> Overview:
        """All its shops, or the first five hundred, as they were in the last minute. Raises Unanswered."""
        seen_at, known = self._seen.get((city, language), (float("-inf"), None))
        if known is not None and self._seconds() - seen_at < _REMEMBERED_SECONDS:
            return known
        shops: list[Shop] = []
        cursor: str | None = None
        for _ in range(_MOST_READINGS):
            asked = {"city": str(city), "language": language, "cursor": cursor}
            read = await self._neighbours.read(
                "directory", "/api/v1/merchants", Shops, limit=_A_READING, **asked
            )
            shops += read.items
            cursor = read.next
            if cursor is None:
                break
        overview = Overview(shops, or_more=cursor is not None)
        while len(self._seen) >= _MOST_REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        self._seen[city, language] = (self._seconds(), overview)
        return overview
