"""Streams deleted: `replay` fills them from the outboxes, `republish` from the owners' tables."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from uuid import UUID

import asyncpg
import pytest

from contracts.streams import STREAMS
from demo.gateway import Gateway
from demo.simulator import Simulator
from operations.streams import create_streams
from tests.faults import loads
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.one_service import until
from tests.support.running_system import OWNERS_OF_DATA, RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

RATE, SECONDS = 40, 3
MECHANICS = frozenset({"outbox", "inbox", "dead_letter", "idempotency", "alembic_version"})
"""Tables of the chassis: how effects are made, and none themselves."""


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


@pytest.mark.parametrize("command", ["replay", "republish"])
async def test_all_streams_lost_and_filled_again_change_nothing_that_was_done(
    town: RunningSystem, faults: FaultReport, command: str
) -> None:
    dead_before = await loads.dead_letters(town)
    times, rate, seconds = faults.times(1, 10), faults.times(RATE, 200), faults.times(SECONDS, 30)
    simulator = Simulator(
        town.gateway, rate, seconds, ambassadors=faults.times(200, 2_000), effects_within=60
    )
    result = await simulator.run()
    assert result.exact, result.line()
    await loads.drained(town, 60)
    # Other tests restored databases and emptied outboxes: from here on streams and owners agree.
    await delete_streams(town, *STREAMS)
    recorded = await outbox_ids(town)
    await fill_again(town, command)
    told = await loads.stream_ids(town)
    assert all(recorded[name] <= told[name] for name in STREAMS), "what was recorded was not told again"
    loop = asyncio.get_running_loop()
    began, deleted = loop.time(), 0
    for _ in range(times):
        done = await everything_done(town)
        assert all(told.values()), "a stream held nothing that could be lost"
        deleted += await delete_streams(town, *STREAMS)
        await fill_again(town, command)
        assert await loads.stream_ids(town) == told
        assert await everything_done(town) == done
    dead = await loads.dead_letters(town) - dead_before
    note = f"{deleted:,} messages deleted and told again; all tables, feeds and mails as before"
    numbers = (len(result.attempted), len(result.accepted), len(result.effected), len(result.lost))
    faults.add(
        FaultRow(
            f"all streams deleted, {command}", times, *numbers, result.duplicated, loop.time() - began, note
        )
    )
    assert dead == 0


async def outbox_ids(town: RunningSystem) -> dict[str, set[UUID]]:
    """What each owner's outbox holds, by stream."""
    query = "SELECT id FROM outbox"
    return {
        owner.upper(): {row["id"] for row in await loads.rows(town, owner, query)} for owner in OWNERS_OF_DATA
    }


async def fill_again(town: RunningSystem, command: str) -> None:
    """By every owner; consumers go on by themselves."""
    for owner in OWNERS_OF_DATA if command == "republish" else ():
        connection = await asyncpg.connect(town.database_url(owner))
        await connection.execute("TRUNCATE outbox")
        await connection.close()
    async with Gateway(town.gateway) as gateway:
        for owner in OWNERS_OF_DATA:
            path = f"/api/v1/operations/{owner}/{command}"
            assert (await gateway.ask("POST", path, person="otto", patience=60)).is_success, owner
    await loads.drained(town, 120)


async def everything_done(town: RunningSystem) -> dict[str, Collection[str]]:
    """Every row of every table that is an effect (projections, milestones, feeds, deliveries); all mails."""
    found: dict[str, Collection[str]] = {}
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    for owner in OWNERS_OF_DATA:
        for (table,) in await loads.rows(town, owner, tables):
            if not any(table.startswith(each) for each in MECHANICS):
                rows = await loads.rows(town, owner, f'SELECT to_jsonb(t)::text FROM "{table}" t')
                found[f"{owner}.{table}"] = sorted(row[0] for row in rows)
    async with Gateway(town.gateway) as gateway:
        mails = await gateway.read("/mails/api/messages", limit=1_000)
    found["mails"] = sorted(json.dumps(each, sort_keys=True) for each in mails["items"])
    for name in ("notifications.milestone", "notifications.notification", "mails"):
        assert found[name], f"{name} is empty: nothing could be done twice"
    return found
