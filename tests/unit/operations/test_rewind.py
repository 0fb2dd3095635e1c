"""`cococity rewind` sends the consumers of one service back, and no others."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.js.api import DeliverPolicy

from contracts.streams import DEPLOYER, DURABLES
from operations.streams import create_streams
from tests.support.servers import Nats
from tests.unit.operations.conftest import run

BACKUP = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
START = "2026-11-23T03:50:00"
"""The backup's time less the margin."""


@pytest.fixture
def secrets(nats: Nats, tmp_path: Path) -> Path:
    (tmp_path / f"nats_{DEPLOYER}").write_text(nats.password(DEPLOYER))
    return tmp_path


async def places(nats: Nats) -> dict[str, tuple[DeliverPolicy | None, str]]:
    """By durable, from where it was created to read."""
    client = await nats.connect()
    found = {}
    for durable in DURABLES.values():
        config = (await client.jetstream().consumer_info(durable.stream, durable.name)).config
        found[durable.name] = (config.deliver_policy, str(config.opt_start_time or "")[:19].replace(" ", "T"))
    await client.close()
    return found


async def test_the_consumers_of_one_service_read_again_from_before_the_backup(
    nats: Nats, secrets: Path
) -> None:
    client = await nats.connect()
    await create_streams(client.jetstream())
    await client.close()
    since = BACKUP.strftime("%Y-%m-%dT%H:%M:%S")

    result = await asyncio.to_thread(
        run, "rewind", "campaigns", "--since", since, "--nats", nats.url, "--secrets", str(secrets)
    )

    assert (result.exit_code, result.stderr) == (0, "")
    sent_back = [name for name in DURABLES if name.startswith("campaigns__")]
    assert result.stdout.splitlines() == [
        f"{name} reads again from 2026-11-23 03:50:00 UTC on." for name in sent_back
    ]
    for name, place in (await places(nats)).items():
        if name in sent_back:
            assert place == (DeliverPolicy.BY_START_TIME, START)
        else:
            assert place == (DeliverPolicy.ALL, ""), name


def test_the_password_of_another_installation_is_named(nats: Nats, secrets: Path) -> None:
    (secrets / f"nats_{DEPLOYER}").write_text("another")
    result = run(
        "rewind", "campaigns", "--since", "2026-11-23", "--nats", nats.url, "--secrets", str(secrets)
    )
    assert result.exit_code == 4
    assert "refuses the password" in result.stderr
    assert "--secrets" in result.stderr


def test_without_the_deploy_steps_password_nothing_is_touched(tmp_path: Path) -> None:
    result = run("rewind", "campaigns", "--since", "2026-11-23", "--secrets", str(tmp_path))

    assert result.exit_code == 4
    assert "nats_deploy" in result.stderr
    assert "COCOCITY_SECRETS" in result.stderr


def test_a_bus_that_is_away_is_named(tmp_path: Path) -> None:
    (tmp_path / f"nats_{DEPLOYER}").write_text("secret")

    result = run(
        "rewind",
        "campaigns",
        "--since",
        "2026-11-23",
        "--nats",
        "nats://127.0.0.1:1",
        "--secrets",
        str(tmp_path),
    )

    assert result.exit_code == 3
    assert "nats://127.0.0.1:1" in result.stderr
