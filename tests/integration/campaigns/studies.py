"""A town with a campaign in one district and shops outside of it, and what happens to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec

from chassis.ids import new_id
from contracts.assessment.v1 import AssessmentCompleted, TrainingAttendanceNoted, TrainingRequested
from contracts.directory.v1 import CityJoined, DistrictDrawn, MerchantListed
from contracts.envelope import Event, Fact
from tests.support.campaigns import Campaigns
from tests.support.delivered import deliver

START = datetime(2026, 9, 7, 8, tzinfo=UTC)
PLAN = {"outcomes": ["assessment"], "weeks_before": 4, "weeks_after": 4}


async def districts(campaigns: Campaigns, number: int) -> list[UUID]:
    """Squares side by side, each a degree wide."""
    ids = [new_id() for _ in range(number)]
    await campaigns.learn(CityJoined(city_id=campaigns.city, nis_code="85046", version=1))
    for west, each in enumerate(ids):
        ring = tuple((float(west + x), float(y)) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)))
        drawn = DistrictDrawn(city_id=campaigns.city, district_id=each, version=1, polygon=(ring,))
        await campaigns.learn(drawn)
    return ids


async def shops(campaigns: Campaigns, west: int, number: int, kind: str = "shop=bakery") -> list[UUID]:
    """In the middle of that square."""
    ids = [new_id() for _ in range(number)]
    await campaigns.learn(
        *(
            MerchantListed(
                city_id=campaigns.city, merchant_id=each, version=1, kind=kind,
                longitude=west + 0.5, latitude=0.5,
            )
            for each in ids
        )
    )  # fmt: skip
    return ids


async def write(campaigns: Campaigns, campaign: dict[str, Any], version: int = 0, **plan: Any) -> Any:
    """PUT the plan, as an officer who has seen that version."""
    headers = {**campaigns.as_officer(), "If-Match": f'"{version}"'}
    path = f"/api/v1/campaigns/{campaign['id']}/study/plan"
    return await campaigns.client.put(path, json={**PLAN, **plan}, headers=headers)


async def study(
    campaigns: Campaigns, campaign: dict[str, Any], form: str = "", **query: str
) -> httpx.Response:
    """GET the report, as an officer."""
    path = f"/api/v1/campaigns/{campaign['id']}/study{form}"
    return await campaigns.client.get(path, params=query, headers=campaigns.as_officer())


def assessed(campaigns: Campaigns, merchant: UUID, at: datetime) -> Event[Fact]:
    """It finished a self-assessment."""
    fact = AssessmentCompleted(
        city_id=campaigns.city, assessment_id=new_id(), merchant_id=merchant,
        questionnaire="session-form", questionnaire_version=1, score=29,
    )  # fmt: skip
    return Event.of(fact, at)


def wished(campaigns: Campaigns, merchant: UUID, at: datetime) -> Event[Fact]:
    """It asked for a training."""
    fact = TrainingRequested(city_id=campaigns.city, request_id=new_id(), merchant_id=merchant, wish="visit")
    return Event.of(fact, at)


def trained(campaigns: Campaigns, merchant: UUID, at: datetime) -> Event[TrainingAttendanceNoted]:
    """It came to a training."""
    fact = TrainingAttendanceNoted(
        city_id=new_id(), seat_id=new_id(), version=1, merchant_id=merchant, attended=True, began_at=at
    )
    return Event.of(fact, at)


def corrected(event: Event[TrainingAttendanceNoted], *, attended: bool) -> Event[Fact]:
    """It was noted anew an hour later."""
    fact = msgspec.structs.replace(event.fact, version=event.fact.version + 1, attended=attended)
    return Event.of(fact, event.time + timedelta(hours=1))


async def happened(campaigns: Campaigns, events: Iterable[Event[Fact]]) -> None:
    """The bus brings them."""
    await deliver(campaigns.service, *events)


def week(number: int) -> datetime:
    """In the middle of a week, counted from the start."""
    return START + timedelta(days=7 * number + 3)
