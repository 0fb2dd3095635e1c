"""Asks the services that know them who the readers of some news are. What they say is kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.as_service import AsService, Unreachable, object_of
from services.notifications.addressing.unaddressed import ROLES, Addressee
from services.notifications.settings import NotificationsSettings

Whom = tuple[Addressee, UUID]


class Who:
    """Two look-ups, each of its own service: one that is away holds up its own news alone."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._campaigns = AsService(settings, settings.campaigns_url)
        self._directory = AsService(settings)

    async def contributors(self, whom: Iterable[Whom]) -> Mapping[Whom, list[UUID]]:
        """The person behind each pseudonym that is still somebody's. Raises Unreachable."""
        ids = sorted({str(each) for _, each in whom})
        answer = await self._campaigns.post("/api/v1/contributors/people", {"contributor_ids": ids})
        return _read(answer, lambda item: (Addressee.contributor, UUID(item["contributor_id"])))

    async def holders(self, whom: Iterable[Whom]) -> Mapping[Whom, list[UUID]]:
        """Who has each role in its city now. Raises Unreachable."""
        cities = sorted({str(each) for _, each in whom})
        body = {"city_ids": cities, "roles": [each.value for each in ROLES]}
        answer = await self._directory.post("/api/v1/people/holders", body)
        return _read(answer, lambda item: (Addressee(item["role"]), UUID(item["city_id"])))

    async def close(self) -> None:
        await self._campaigns.close()
        await self._directory.close()


def _read(answer: Any, whom: Any) -> Mapping[Whom, list[UUID]]:
    found: dict[Whom, list[UUID]] = {}
    try:
        items: Sequence[Mapping[str, Any]] = object_of(answer)["items"]
        for item in items:
            found.setdefault(whom(item), []).append(UUID(item["person_id"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Unreachable("what was answered cannot be read") from error
    return found
