"""A city's own system runs a campaign: a key of the directory, used at the campaigns service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.signing_keys import LocalKeys
from tests.support.campaigns import Campaigns, campaigns_service
from tests.support.directory import DirectoryUnderTest
from tests.support.servers import Nats, Postgres


@pytest.fixture
async def campaigns(
    directory: DirectoryUnderTest, postgres: Postgres, nats: Nats
) -> AsyncIterator[Campaigns]:
    """Which knows the city, and takes the directory's tokens by its published keys alone."""
    published = (await directory.client.get("/.well-known/jwks.json")).json()
    async with campaigns_service(postgres, nats, LocalKeys(published)) as service:
        service.city = UUID(await directory.city())
        await service.a_merchant()
        yield service


async def key_and_headers(
    directory: DirectoryUnderTest, city: UUID, *scopes: str
) -> tuple[str, dict[str, str]]:
    asked = {"name": "Agenda de la commune", "scopes": scopes}
    key = (await directory.call("POST", f"/cities/{city}/keys", "claire", json=asked)).json()
    answer = await directory.client.post("/api/v1/tokens/key", auth=(key["id"], key["secret"]))
    return key["id"], {"Authorization": f"Bearer {answer.json()['access_token']}"}


def plan(campaigns: Campaigns, city: UUID) -> dict[str, Any]:
    begins = campaigns.clock() + timedelta(days=1)
    return {
        "city_id": str(city),
        "name": "Le mois des ambassadeurs",
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(days=30)).isoformat(),
    }


async def drafted(campaigns: Campaigns, headers: dict[str, str], city: UUID) -> httpx.Response:
    return await campaigns.post("campaigns", headers, plan(campaigns, city))


async def test_a_campaign_is_drafted_and_scheduled_with_a_key(
    directory: DirectoryUnderTest, campaigns: Campaigns
) -> None:
    key_id, headers = await key_and_headers(directory, campaigns.city, "campaigns")

    draft = await drafted(campaigns, headers, campaigns.city)
    scheduled = await campaigns.post(f"campaigns/{draft.json()['id']}/schedule", headers)

    assert (draft.status_code, scheduled.status_code) == (201, 200)
    assert scheduled.json()["state"] == "scheduled"
    async with campaigns.database.connection() as connection:
        rows = await connection.execute(text("SELECT DISTINCT person_id FROM campaign_change"))
        assert rows.scalars().all() == [UUID(key_id)]


async def test_a_key_that_reads_sees_the_citys_drafts_and_changes_none(
    directory: DirectoryUnderTest, campaigns: Campaigns
) -> None:
    _, writing = await key_and_headers(directory, campaigns.city, "campaigns")
    _, reading = await key_and_headers(directory, campaigns.city, "campaigns:read")
    _, elsewhere = await key_and_headers(directory, campaigns.city, "merchants")
    draft = (await drafted(campaigns, writing, campaigns.city)).json()
    address = f"/api/v1/campaigns/{draft['id']}"

    assert (await campaigns.client.get(address, headers=reading)).json()["state"] == "draft"
    assert (await campaigns.client.get(address, headers=elsewhere)).status_code == 403
    for headers in (reading, elsewhere):
        assert (await campaigns.post(f"campaigns/{draft['id']}/schedule", headers)).status_code == 403
        assert (await drafted(campaigns, headers, campaigns.city)).status_code == 403


async def test_a_key_runs_no_campaign_of_another_city(
    directory: DirectoryUnderTest, campaigns: Campaigns
) -> None:
    _, headers = await key_and_headers(directory, campaigns.city, "campaigns")
    other = UUID(await directory.city("81001"))
    assert (await drafted(campaigns, headers, other)).status_code == 403


async def test_a_key_neither_joins_nor_reviews(directory: DirectoryUnderTest, campaigns: Campaigns) -> None:
    _, headers = await key_and_headers(directory, campaigns.city, "campaigns", "contributions", "cities")
    draft = (await drafted(campaigns, headers, campaigns.city)).json()
    review = {"merchant_id": str(draft["id"]), "rating": 4, "text": "Très bon pain", "language": "fr"}
    assert (await campaigns.post("contributions/reviews", headers, review)).status_code == 403
    assert (await campaigns.post(f"campaigns/{draft['id']}/ambassadors", headers)).status_code == 403
