"""The power fails under NATS: what it acknowledged and had not synced is gone, and `replay` brings it back.

With the default NATS syncs every two minutes and the loss is shown to happen; with `always` nothing is lost.
The choice is decision 0007.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from functools import partial
from uuid import UUID

import pytest

from contracts.streams import STREAMS
from demo.gateway import Gateway
from demo.simulator import Simulator
from deploy.one_machine.system import System
from tests.faults import loads
from tests.support import power_loss
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.one_service import until
from tests.support.power_loss import Disk
from tests.support.running_system import OWNERS_OF_DATA, RunningSystem, running_system

pytestmark = [
    pytest.mark.faults,
    pytest.mark.fuse,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not power_loss.is_possible(), reason="no FUSE here: Debian: apt-get install libfuse2"),
]

RATE, LONG_RATE = 30, 40
DEFAULT, ALWAYS = "2m", "always"


@pytest.fixture
def on_a_disk(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RunningSystem, Disk]]:
    """A town whose NATS keeps its streams on a disk that can lose its power."""
    monkeypatch.setenv("COCOCITY_NATS_SYNC", request.param)
    disks: list[Disk] = []

    def mount(system: System) -> None:
        disks.append(Disk(system.root / "jetstream", system.root / "disk"))

    try:
        with running_system(mount) as town:
            yield town, disks[0]
    finally:
        for disk in disks:
            disk.unmount()


@pytest.mark.parametrize("on_a_disk", [DEFAULT, ALWAYS], indirect=True)
async def test_what_a_power_loss_takes_from_the_bus_replay_brings_back(
    on_a_disk: tuple[RunningSystem, Disk], faults: FaultReport, request: pytest.FixtureRequest
) -> None:
    town, disk = on_a_disk
    sync, times = request.node.callspec.params["on_a_disk"], faults.times(1, 20)
    simulator = Simulator(
        town.gateway,
        faults.times(RATE, LONG_RATE),
        faults.times(120, 900),
        ambassadors=faults.times(60, 1_000),
        effects_within=120,
    )
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, len(simulator.tally.accepted) > 10), 60)
    disk.sync()  # the town is older than two minutes; only what is posted from here on is at risk
    acknowledged: set[UUID] = set()
    took, missing, gone = 0, 0, 0
    for _ in range(times):
        await until(partial(_more_than, town, acknowledged), 60)
        await asyncio.sleep(random.uniform(0.2, 1.5))
        await asyncio.to_thread(town.kill, "nats")
        took += disk.cut_power()
        before, acknowledged = acknowledged, await published(town)
        assert acknowledged - before, "nothing was acknowledged since the last time: the fault hit nothing"
        await asyncio.to_thread(town.launch, "nats")
        kept = await loads.stream_ids(town)
        missing += len(acknowledged.difference(*kept.values()))
        gone += len(STREAMS) - len(kept)
        await heal(town)
        kept = await loads.stream_ids(town)
        assert not acknowledged.difference(*kept.values()), "replay left something out"
    simulator.stop()
    result = await run
    await loads.drained(town, 120)
    note = f"{missing} acknowledged messages, {gone} whole streams, {took:,} bytes lost by NATS, all replayed"
    numbers = (len(result.attempted), len(result.accepted), len(result.effected), len(result.lost))
    fault = f"power cut under NATS, sync_interval {sync}"
    faults.add(FaultRow(fault, times, *numbers, result.duplicated, result.seconds, note))
    assert result.exact, result.line()
    assert len(result.accepted) == len(result.attempted) - len(result.refused)
    if sync == DEFAULT:
        assert missing, "nothing acknowledged was lost: the disk forgets too little"
    else:
        assert not missing
        assert not gone


async def _more_than(town: RunningSystem, before: set[UUID]) -> bool:
    return len(await published(town)) > len(before) + 5


async def published(town: RunningSystem) -> set[UUID]:
    """The ids of all events that the bus acknowledged to any owner."""
    query = "SELECT id FROM outbox WHERE published_at IS NOT NULL"
    return {row["id"] for owner in OWNERS_OF_DATA for row in await loads.rows(town, owner, query)}


async def heal(town: RunningSystem) -> None:
    """What docs/operating.md says to do: streams and durables that are missing, then what they held."""
    await asyncio.to_thread(town.run_once, town.system.deploy_step())
    async with Gateway(town.gateway) as gateway:
        for owner in OWNERS_OF_DATA:
            path = f"/api/v1/operations/{owner}/replay"
            answer = await gateway.ask("POST", path, person="otto", patience=60)
            assert answer.is_success, (owner, answer)
    await until(lambda: _all_published(town), 120)


async def _all_published(town: RunningSystem) -> bool:
    query = "SELECT 1 FROM outbox WHERE published_at IS NULL AND replayed LIMIT 1"
    return not [owner for owner in OWNERS_OF_DATA if await loads.rows(town, owner, query)]
