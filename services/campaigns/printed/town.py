"""What the directory says in public of shops and cities: their names, which campaigns does not keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

import httpx
import msgspec

from chassis.http_client import neighbour_client
from chassis.problems import not_found, unavailable

_DEADLINE_SECONDS = 5.0
T = TypeVar("T")


class Shop(msgspec.Struct, frozen=True):
    """A listed shop. Its name may be known in some language alone, or not at all."""

    id: UUID
    kind_name: str
    name: str | None = None
    website: str | None = None
    profiles: dict[str, str] = {}
    """Where else it shows itself: address by platform."""

    @property
    def title(self) -> str:
        """What a card calls it."""
        return self.name or self.kind_name


class Shops(msgspec.Struct, frozen=True):
    """Some of a district's, and where the next ones begin."""

    items: list[Shop]
    next: str | None = None


class _Named(msgspec.Struct, frozen=True):
    name: str
    role: str


class City(msgspec.Struct, frozen=True):
    """A city that takes part, and who answers for its initiative."""

    name: dict[str, str]
    responsible: _Named | None = None

    def called(self, language: str) -> str:
        """Its name in the language, else in one it has."""
        return self.name.get(language) or self.name.get("fr") or next(iter(self.name.values()), "")

    @property
    def contact(self) -> str | None:
        """Who is responsible, with their role."""
        return f"{self.responsible.name}, {self.responsible.role}" if self.responsible else None


class Town:
    """The way to the directory. Whoever makes it closes it."""

    def __init__(self, directory_url: str) -> None:
        self._client = neighbour_client(base_url=directory_url, timeout=_DEADLINE_SECONDS)

    async def shop(self, merchant_id: UUID, language: str) -> Shop:
        """Raises the problems 404, and 503 where the directory does not answer."""
        return await self._get(f"/api/v1/merchants/{merchant_id}", {"language": language}, Shop, "merchant")

    async def shops_of(self, district_id: UUID, cursor: str | None, language: str) -> Shops:
        """A hundred at most. Raises as `shop` does."""
        asked = {"district": str(district_id), "limit": "100", "language": language}
        if cursor is not None:
            asked["cursor"] = cursor
        return await self._get("/api/v1/merchants", asked, Shops, "district")

    async def city(self, city_id: UUID) -> City:
        """Raises as `shop` does."""
        return await self._get(f"/api/v1/cities/{city_id}", {}, City, "city")

    async def close(self) -> None:
        await self._client.aclose()

    async def _get(self, path: str, asked: Mapping[str, str], form: type[T], what: str) -> T:
        try:
            answer = await self._client.get(path, params=asked)
        except httpx.HTTPError as error:
            raise unavailable() from error
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
            raise not_found(what)
        if not answer.is_success:
            raise unavailable()
        try:
            return msgspec.json.decode(answer.content, type=form)
        except msgspec.MsgspecError as error:
            raise unavailable() from error
