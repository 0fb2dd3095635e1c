"""A session as a consultant and the people in its hall meet it, over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.clock import utc_now
from chassis.ids import new_id
from chassis.service import Service
from tests.integration.assessment.conftest import CITY, token

ANSWERS: dict[str, Any] = {
    "maps-profile": "not-mine",
    "search-rank": "not-there",
    "review-watch": "by-chance",
    "customer-news": "list-only",
    "website": "old",
    "posts": 2,
    "ease": 2,
    "training-wish": "group",
}
"""Of a form that scores 33 (tests/unit/assessment/test_shipped.py)."""
SCORE = 33


def consultant(city: UUID = CITY) -> dict[str, str]:
    return token({"role": "consultant", "city": str(city)})


def draft(**changes: Any) -> dict[str, Any]:
    """A session that has just begun."""
    begins = utc_now() - timedelta(minutes=5)
    plan = {
        "city_id": str(CITY),
        "kind": "awareness",
        "title": "Mon commerce en ligne",
        "place": "Salle du Châtelet, rue d'Hoffschmidt 27",
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
        "capacity": 30,
        "language": "fr",
    }
    return plan | changes


class Hall:
    """One session, as its consultant has it."""

    def __init__(self, client: httpx.AsyncClient, service: Service) -> None:
        self.client = client
        self.service = service
        self.session: dict[str, Any] = {}
        self.code = ""

    async def announce(self, who: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
        """Announce it; it is this hall's, where that was let through."""
        answer = await self.post("", who, draft(**changes))
        if answer.is_success:
            self.session = answer.json()
            joining = await self.client.get(f"{self.path}/join", headers=who or consultant())
            self.code = joining.json()["code"]
        return answer

    @property
    def path(self) -> str:
        return f"/api/v1/town-sessions/{self.session['id']}"

    async def post(
        self, path: str, who: dict[str, str] | None = None, body: Any = None, **headers: str
    ) -> httpx.Response:
        """As a consultant of the city, unless somebody else is named; whatever version it has."""
        sent = {**(consultant() if who is None else who), "If-Match": "*", "Idempotency-Key": str(new_id())}
        url = f"/api/v1/town-sessions{path}" if not self.session else self.path + path
        return await self.client.post(url, json=body, headers=sent | headers)

    async def revise(self, who: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
        headers = {**(who or consultant()), "If-Match": "*"}
        return await self.client.patch(self.path, json=changes, headers=headers)

    async def hand_in(
        self, who: dict[str, str] | None = None, key: str | None = None, **changes: Any
    ) -> httpx.Response:
        """A form, from somebody without an account unless one is named."""
        headers = {"Idempotency-Key": key or str(new_id()), **(who or {})}
        body = {"answers": ANSWERS} | changes
        return await self.client.post(f"/api/v1/join/{self.code}/forms", json=body, headers=headers)

    def at(self, time: datetime) -> None:
        """Let it be that time for the service."""
        self.service.clock = lambda: time
