"""Three NATS servers, streams on all of them: what befalls one or all loses nothing and doubles nothing.

A real outbox, relay and consumer over a real cluster. *Accepted* is what was committed in the outbox.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from chassis import outbox
from chassis.database import Database
from chassis.pull_loop import Consumers
from chassis.relay import Relay, measure
from operations.streams import create_streams
from tests.support import tally
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.nats_cluster import NAMES, ClusterOfThree
from tests.support.one_service import a_review, create_chassis_tables, running, settings_of, until
from tests.support.servers import Nats, Postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
async def cluster(server_root: Path) -> AsyncIterator[ClusterOfThree]:
    made = ClusterOfThree(server_root / "cluster")
    await made.start()
    client = await made.connect()
    await until(lambda: _created(client), 60)
    await client.close()
    await made.until_whole()
    yield made
    await made.close()


async def _created(client: object) -> bool:
    """Streams on all three; false while the cluster has no leader to ask yet."""
    try:
        await create_streams(client.jetstream(), replicas=3)  # type: ignore[attr-defined]
    except Exception as error:
        print(f"the cluster is not ready: {error!r}")
        await asyncio.sleep(0.5)
        return False
    return True


class Posting:
    """Records one review after the other, each of a merchant of its own, until told that it is enough."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.attempted: set[UUID] = set()
        self.accepted: set[UUID] = set()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            event = a_review()
            self.attempted.add(event.fact.merchant_id)
            async with self._database.transaction() as tx:
                await outbox.record(tx, event)
            self.accepted.add(event.fact.merchant_id)
            await asyncio.sleep(0.005)


async def leader_killed(cluster: ClusterOfThree) -> None:
    leader = await cluster.leader()
    cluster.kill(leader)
    others = tuple(name for name in NAMES if name != leader)
    assert await cluster.leader(others) != leader
    await asyncio.sleep(1)
    await cluster.start_servers(leader)


async def node_paused(cluster: ClusterOfThree) -> None:
    leader = await cluster.leader()
    follower = next(name for name in NAMES if name != leader)
    cluster.pause(follower)
    try:
        await until(lambda: _lags(cluster, leader, follower), 30)
    finally:
        cluster.go_on(follower)


async def node_cut_off(cluster: ClusterOfThree) -> None:
    """The leader: the others elect one of theirs, and what the old one alone took must not count."""
    leader = await cluster.leader()
    cluster.cut_off(leader)
    try:
        others = tuple(name for name in NAMES if name != leader)
        assert await cluster.leader(others) != leader
        await asyncio.sleep(1)
    finally:
        cluster.mend()


async def all_killed(cluster: ClusterOfThree) -> None:
    cluster.kill(*NAMES)
    await asyncio.sleep(0.5)
    await cluster.start_servers(*NAMES)


async def _lags(cluster: ClusterOfThree, leader: str, follower: str) -> bool:
    replicas = (await cluster.seen_by(leader)).get("replicas") or []
    (seen,) = [each for each in replicas if each["name"] == follower]
    return bool(seen.get("lag") or seen.get("offline") or not seen.get("current"))


FAULTS = {
    "leader killed": leader_killed,
    "node paused": node_paused,
    "node cut off": node_cut_off,
    "all three killed": all_killed,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_cluster_loses_and_doubles_nothing(
    postgres: Postgres, cluster: ClusterOfThree, faults: FaultReport, fault: str
) -> None:
    began = time.monotonic()
    nats = cast("Nats", cluster)
    sender = settings_of("campaigns", await postgres.create_database(), nats)
    reader = settings_of("notifications", await postgres.create_database(), nats)
    ours, theirs = Database(sender), Database(reader)
    for each in (ours, theirs):
        await create_chassis_tables(each)
    await tally.create_table(theirs)
    posting = Posting(ours)
    rounds = faults.times(1, 20)
    try:
        async with running(Relay(ours, sender), Consumers([tally.consumer(theirs)], theirs, reader)):
            async with running(posting):
                for _ in range(rounds):
                    before = len(posting.accepted)
                    await until(lambda: asyncio.sleep(0, len(posting.accepted) > before + 20))  # noqa: B023
                    await FAULTS[fault](cluster)
                    await cluster.until_whole()
            await until(lambda: _emptied(ours), 60)
            await until(lambda: _effected(theirs, posting.accepted), 90)
        counted = await tally.tally(theirs)
    finally:
        await ours.close()
        await theirs.close()
    lost = posting.accepted - counted.keys()
    doubled = [merchant for merchant, reviews in counted.items() if reviews > 1]
    faults.add(
        FaultRow(
            f"NATS cluster: {fault}",
            rounds,
            len(posting.attempted),
            len(posting.accepted),
            len(posting.accepted & counted.keys()),
            len(lost),
            len(doubled),
            time.monotonic() - began,
        )
    )
    assert not lost
    assert not doubled


async def _emptied(database: Database) -> bool:
    return (await measure(database))[0] == 0


async def _effected(database: Database, merchants: set[UUID]) -> bool:
    # Each by its id: a straggler of the test before counts for none of them.
    return merchants <= (await tally.tally(database)).keys()
