"""A city with endpoints, and what happens in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.ids import new_id
from contracts.campaigns.v1 import CampaignStarted, GoalReached
from contracts.envelope import Event, Fact
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver
from tests.support.webhook_receiver import Receiver

GOALS, STARTS = "campaigns.goal_reached.v1", "campaigns.campaign_started.v1"
BASE = "webhook-endpoints"


@dataclass
class Endpoint:
    """One that was registered."""

    id: str
    secret: str
    campaigns: Campaigns

    async def call(self, method: str, part: str = "", **options: Any) -> Any:
        """A request about it, by an officer of its city."""
        path = f"/api/v1/{BASE}/{self.id}{part}"
        headers = self.campaigns.as_officer() | {"Idempotency-Key": new_id().hex}
        answer = await self.campaigns.client.request(method, path, headers=headers, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def log(self) -> list[dict[str, Any]]:
        """Its deliveries, the oldest first, with their attempts."""
        listed = (await self.call("GET", "/deliveries"))["items"]
        return [await self.call("GET", f"/deliveries/{each['id']}") for each in reversed(listed)]


async def register(campaigns: Campaigns, *types: str, **more: Any) -> Any:
    body = {"city_id": str(campaigns.city), "url": "https://example.org/hook", "types": types or [GOALS]}
    return await campaigns.post(BASE, campaigns.as_officer(), body | more)


async def an_endpoint(campaigns: Campaigns, receiver: Receiver, *types: str) -> Endpoint:
    """Registered as it must be, and then led to this machine, which no officer could do."""
    made = await register(campaigns, *types)
    assert made.status_code == 201, made.text
    async with campaigns.database.transaction() as tx:
        moved = text("UPDATE webhook_endpoint SET url = :url WHERE id = :id")
        await tx.execute(moved, {"url": receiver.url, "id": UUID(made.json()["id"])})
    return Endpoint(made.json()["id"], made.json()["secret"], campaigns)


def a_goal(campaigns: Campaigns, city: UUID | None = None, at: datetime | None = None) -> Event[GoalReached]:
    fact = GoalReached(
        city_id=city or campaigns.city, goal_id=new_id(), campaign_id=new_id(), figure="reviews", target=10
    )
    return Event.of(fact, at or campaigns.time())


def a_start(campaigns: Campaigns, *cities: UUID) -> Event[CampaignStarted]:
    now = campaigns.time()
    fact = CampaignStarted(
        city_id=new_id(), campaign_id=new_id(), version=2, starts_at=now, ends_at=now, city_ids=cities
    )
    return Event.of(fact, now)


async def happens(campaigns: Campaigns, *events: Event[Fact]) -> None:
    """As the bus tells it."""
    await deliver(campaigns.service, *events)
