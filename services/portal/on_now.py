"""The campaigns that are on, with their city and its number of shops, as far as the services tell."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from services.portal.neighbours import Neighbours, Unanswered

MOST_CAMPAIGNS = 6
_PAGE = 100
_MOST_PAGES = 10
_REMEMBERED_SECONDS = 60.0


@dataclass(frozen=True)
class ShopCount:
    shops: int
    or_more: bool
    """Counting stopped there."""


@dataclass(frozen=True)
class CampaignOnNow:
    id: str
    name: str
    ends_at: datetime
    city_names: dict[str, str] | None
    """By language; None where the directory did not tell."""
    shop_count: ShopCount | None

    def city(self, language: str) -> str | None:
        names = self.city_names or {}
        return names.get(language) or next(iter(names.values()), None)


class OnNow:
    """Reads what is on. Numbers of shops are remembered for a minute: they take some requests to count."""

    def __init__(self, neighbours: Neighbours, seconds: Callable[[], float] = monotonic) -> None:
        self._neighbours = neighbours
        self._seconds = seconds
        self._counted: dict[str, tuple[float, ShopCount]] = {}

    async def campaigns(self) -> list[CampaignOnNow] | None:
        """Those that are running, newest first; None where nobody can tell."""
        try:
            found = await self._neighbours.get(
                "campaigns", "/api/v1/campaigns", state="running", limit=MOST_CAMPAIGNS
            )
            running = [
                (str(each["id"]), str(each["name"]), _time(each["ends_at"]), str(each["city_id"]))
                for each in found["items"]
            ]
        except (Unanswered, KeyError, TypeError, ValueError):
            return None
        cities = list(dict.fromkeys(city for *_, city in running))
        names, counts = await asyncio.gather(
            asyncio.gather(*map(self._city_names, cities)), asyncio.gather(*map(self._shop_count, cities))
        )
        name_of, count_of = dict(zip(cities, names, strict=True)), dict(zip(cities, counts, strict=True))
        return [
            CampaignOnNow(campaign, name, ends_at, name_of[city], count_of[city])
            for campaign, name, ends_at, city in running
        ]

    async def _city_names(self, city: str) -> dict[str, str] | None:
        try:
            names = (await self._neighbours.get("directory", f"/api/v1/cities/{city}"))["name"]
            return {str(language): str(name) for language, name in names.items()}
        except (Unanswered, KeyError, AttributeError):
            return None

    async def _shop_count(self, city: str) -> ShopCount | None:
        counted_at, count = self._counted.get(city, (float("-inf"), None))
        if self._seconds() - counted_at < _REMEMBERED_SECONDS:
            return count
        try:
            count = await self._count(city)
        except (Unanswered, KeyError, TypeError):
            return count
        self._counted[city] = (self._seconds(), count)
        return count

    async def _count(self, city: str) -> ShopCount:
        query: dict[str, Any] = {"city": city, "limit": _PAGE}
        shops = 0
        for _ in range(_MOST_PAGES):
            page = await self._neighbours.get("directory", "/api/v1/merchants", **query)
            shops += len(page["items"])
            if not page["next"]:
                return ShopCount(shops, or_more=False)
            query["cursor"] = page["next"]
        return ShopCount(shops, or_more=True)


def _time(value: Any) -> datetime:
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError("a time carries its zone")
    return at
