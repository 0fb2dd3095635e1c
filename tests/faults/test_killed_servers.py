"""NATS and PostgreSQL killed under load; streams lost and filled again; a database from yesterday."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from demo import effects
from demo.gateway import Gateway
from demo.simulator import Simulator
from operations.rewind import rewind
from operations.streams import create_streams
from tests.faults import loads
from tests.support.one_service import until
from tests.support.running_system import OWNERS_OF_DATA, RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

RATE, SECONDS = 40, 3


@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_a_killed_server_loses_nothing_and_all_resume_unaided(town: RunningSystem, server: str) -> None:
    simulator = Simulator(town.gateway, RATE, SECONDS)
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, len(simulator.tally.accepted) > RATE // 2))
    await asyncio.to_thread(town.kill, server)
    await asyncio.sleep(1.0)
    await asyncio.to_thread(town.launch, server)
    result = await run
    assert result.exact, result.line()
    assert len(result.accepted) == RATE * SECONDS - len(result.refused)
    if server == "postgres":
        assert result.disturbances, "PostgreSQL was away, and nobody noticed: the fault hit nothing"
    await asyncio.to_thread(town.wait_until_ready)
    await loads.drained(town)
    for service in OWNERS_OF_DATA:
        assert await loads.rows(town, service, "SELECT 1 FROM dead_letter") == [], service


async def test_posting_goes_on_while_the_bus_is_away(town: RunningSystem) -> None:
    town.kill("nats")
    simulator = Simulator(town.gateway, RATE, 2, effects_within=60)
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, simulator.tally.answered == simulator.count))
    assert len(simulator.tally.accepted) == simulator.count - len(simulator.tally.refused)
    waiting = await loads.rows(town, "campaigns", "SELECT 1 FROM outbox WHERE published_at IS NULL")
    assert len(waiting) >= len(simulator.tally.accepted), "the bus was not away"
    await asyncio.to_thread(town.launch, "nats")
    result = await run
    assert result.exact, result.line()


async def test_one_poison_message_among_good_ones_is_kept_apart(town: RunningSystem) -> None:
    simulator = Simulator(town.gateway, RATE, SECONDS)
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, len(simulator.tally.accepted) > RATE // 2))
    client = await loads.deployer(town)
    subject = "campaigns.ambassador-review-posted.v1.poison.00"
    await client.jetstream().publish(subject, b'{"specversion": "1.0", "poison": true}')
    await client.close()
    result = await run
    assert result.exact, result.line()
    async with Gateway(town.gateway) as gateway:
        path = "/api/v1/operations/notifications/dead-letters"
        letters = (await gateway.read(path, person="otto"))["items"]
        assert {letter["consumer"] for letter in letters} >= {"notifications__reactions"}
        for letter in letters:
            shown = await gateway.read(f"{path}/{letter['id']}", person="otto")
            assert '"poison": true' in shown["body"]
            again = await gateway.ask("POST", f"{path}/{letter['id']}/redrive", person="otto")
            assert again.status_code == 409, "what is not an event stays open"
            gone = await gateway.ask("POST", f"{path}/{letter['id']}/discard", person="otto")
            assert gone.status_code == 204
        assert (await gateway.read(path, person="otto"))["items"] == []


async def delete_streams(town: RunningSystem, *names: str) -> int:
    """How many messages went with them."""
    client = await loads.deployer(town)
    jetstream = client.jetstream()
    lost = 0
    for name in names:
        lost += (await jetstream.stream_info(name)).state.messages
        await jetstream.delete_stream(name)
    await create_streams(jetstream)
    await client.close()
    return lost


async def stream_size(town: RunningSystem, name: str) -> int:
    client = await loads.deployer(town)
    size = (await client.jetstream().stream_info(name)).state.messages
    await client.close()
    return size


@pytest.mark.parametrize("command", ["replay", "republish"])
async def test_a_deleted_stream_is_filled_again_without_a_second_effect(
    town: RunningSystem, command: str
) -> None:
    await loads.drained(town)
    simulator = Simulator(town.gateway, RATE, SECONDS, effects_within=60)
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, len(simulator.tally.accepted) > RATE // 2))
    # From here on nobody listens: the stream is lost before these were heard of.
    await asyncio.to_thread(town.children["notifications"].stop)
    await until(lambda: asyncio.sleep(0, simulator.tally.answered == simulator.count))
    await until_published(town)
    recorded = len(await loads.rows(town, "campaigns", "SELECT 1 FROM outbox"))
    assert await delete_streams(town, "CAMPAIGNS") >= recorded
    assert await stream_size(town, "CAMPAIGNS") == 0
    if command == "republish":
        connection = await asyncpg.connect(town.database_url("campaigns"))
        await connection.execute("TRUNCATE outbox")
        await connection.close()
    async with Gateway(town.gateway) as gateway:
        path = f"/api/v1/operations/campaigns/{command}"
        assert (await gateway.ask("POST", path, person="otto", patience=60)).is_success
    await asyncio.to_thread(town.launch, "notifications")
    result = await run
    await loads.drained(town)
    assert await stream_size(town, "CAMPAIGNS") == recorded
    assert result.exact, result.line()


async def until_published(town: RunningSystem) -> None:
    query = "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"

    async def empty() -> bool:
        return not await loads.rows(town, "campaigns", query)

    await until(empty)


async def test_a_database_restored_to_an_earlier_state_consumes_again(town: RunningSystem) -> None:
    await loads.drained(town)
    await asyncio.to_thread(town.children["notifications"].stop)
    backup_at = datetime.now(UTC)
    await copy_database(town, "notifications", "notifications_backup")
    await asyncio.to_thread(town.launch, "notifications")
    await asyncio.to_thread(town.wait_until_ready)

    simulator = Simulator(town.gateway, RATE, SECONDS)
    before = await simulator.run()
    assert before.exact, before.line()
    await loads.drained(town)

    await asyncio.to_thread(town.children["notifications"].stop)
    await copy_database(town, "notifications_backup", "notifications")
    client = await loads.deployer(town)
    await rewind(client.jetstream(), "notifications", backup_at)
    await client.close()
    counted = await loads.rows(
        town, "notifications", "SELECT 1 FROM inbox WHERE event_id > $1", loads.first_id_at(backup_at)
    )
    assert counted == [], "the restored database is not the earlier one"
    await asyncio.to_thread(town.launch, "notifications")
    await asyncio.to_thread(town.wait_until_ready)
    async with Gateway(town.gateway) as gateway:
        audiences = await effects.wait_for_effects(gateway, simulator.tally.accepted, 30)
    again = {each for audience in audiences.values() for each in audience.contributions}
    assert before.accepted <= again
    assert sum(audience.duplicated for audience in audiences.values()) == 0


async def copy_database(town: RunningSystem, source: str, target: str) -> None:
    """`target` becomes a copy of `source`; both belong to notifications."""
    connection = await asyncpg.connect(town.database_url("postgres"))
    await connection.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" OWNER notifications')
    await connection.close()
