"""The audience of shops, asked of notifications, which counts it: totals by kind, and since when."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

import httpx

from chassis.http_client import neighbour_client

DEADLINE_SECONDS = 3.0
PATH = "/api/v1/audience/figures"


class Unreachable(Exception):
    """Notifications does not answer, or not as expected. Asking later helps."""


@dataclass(frozen=True)
class Figures:
    """What counts for one shop. Nothing yet: no totals, and since no day."""

    totals: Mapping[str, int]
    since: date | None

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> Self:
        totals = {str(kind): int(count) for kind, count in given["totals"].items()}
        return cls(totals, date.fromisoformat(given["since"]) if given["since"] else None)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "since": self.since.isoformat() if self.since else None}

    @property
    def total(self) -> int:
        return sum(self.totals.values())


NOTHING_YET = Figures({}, None)


class Audience:
    """Speaks with notifications as the directory."""

    def __init__(self, address: str, token: Callable[[], str]) -> None:
        self._address = address.rstrip("/")
        self._token = token

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """It can be asked inside the block."""
        async with neighbour_client(base_url=self._address, timeout=DEADLINE_SECONDS) as self._client:
            yield

    async def of(self, merchants: Collection[UUID]) -> dict[UUID, Figures]:
        """The figures of each of them (500 at most). Raises Unreachable."""
        body = {"merchant_ids": sorted(map(str, merchants))}
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            answer = await self._client.post(PATH, json=body, headers=headers)
            answer.raise_for_status()
            items = answer.json()["items"]
            found = {UUID(item["merchant_id"]): Figures.of_json(item) for item in items}
        except (httpx.HTTPError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreachable(f"notifications: {type(error).__name__}") from error
        return {merchant: found.get(merchant, NOTHING_YET) for merchant in merchants}
