"""Two workers of the service as real processes, beside the API of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from chassis.clock import utc_now
from contracts.campaigns.v1 import FACTS, CampaignEnded, CampaignStarted
from contracts.envelope import Decoder
from tests.support.campaigns import Campaigns
from tests.support.one_service import fresh_streams, until
from tests.support.servers import Nats, free_port

_decoder = Decoder({fact.TYPE: fact for fact in FACTS})


@contextmanager
def a_worker(campaigns: Campaigns, log: Path) -> Iterator[int]:
    """A process of its own; gives the port it says on whether it is alive."""
    settings, port = campaigns.settings, free_port()
    environment = os.environ | {
        "COCOCITY_ENVIRONMENT": "test",
        "COCOCITY_PORT": str(port),
        "COCOCITY_DATABASE_URL": settings.database_url,
        "COCOCITY_NATS_URL": settings.nats_url,
        "COCOCITY_NATS_USER": settings.nats_user,
        "COCOCITY_NATS_PASSWORD": settings.nats_password.get_secret_value(),
        "COCOCITY_POOL_SIZE": "5",
    }
    with log.open("wb") as output:
        command = [sys.executable, "-m", "services.campaigns", "worker"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def all_alive(*ports: int) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            answers = [await client.get(f"http://127.0.0.1:{port}/healthz") for port in ports]
        except httpx.TransportError:
            return False
    return all(answer.status_code == 200 for answer in answers)


async def told(nats: Nats) -> list[tuple[type, UUID]]:
    """What lies in the stream: type and campaign of each event."""
    client = await nats.connect()
    bus = client.jetstream()
    info = await bus.stream_info("CAMPAIGNS")
    found = []
    for sequence in range(1, info.state.messages + 1):
        event = _decoder.decode((await bus.get_msg("CAMPAIGNS", sequence)).data or b"")
        assert event is not None
        found.append((type(event.fact), event.fact.aggregate_id()))
    await client.close()
    return found


@pytest.mark.slow
async def test_two_processes_start_and_end_every_campaign_once(
    campaigns: Campaigns, nats: Nats, tmp_path: Path
) -> None:
    await fresh_streams(nats)
    with a_worker(campaigns, tmp_path / "one.log") as one, a_worker(campaigns, tmp_path / "two.log") as two:
        await until(lambda: all_alive(one, two), 120)
        now = utc_now()
        due = {
            UUID(
                (
                    await campaigns.a_campaign(
                        "schedule",
                        starts_at=(now + timedelta(seconds=3 + n / 50)).isoformat(),
                        ends_at=(now + timedelta(seconds=5 + n / 50)).isoformat(),
                    )
                )["id"]
            )
            for n in range(20)
        }

        async def all_told() -> bool:
            return sum(fact is CampaignEnded for fact, _ in await told(nats)) >= len(due)

        await until(all_told, 60)
        assert await all_alive(one, two), "both were at work until the end"
    events = await told(nats)
    for fact in (CampaignStarted, CampaignEnded):
        moved = [campaign for kind, campaign in events if kind is fact]
        assert len(moved) == len(due)
        assert set(moved) == due
