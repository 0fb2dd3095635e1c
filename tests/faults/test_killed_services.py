"""`kill -9` of each service under load, and at each step: nothing accepted is lost, nothing happens twice.

One load goes on while the service dies in one way after the other. Every death is asserted.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import cycle, islice

import aiohttp
import pytest

from chassis.crash_points import AFTER_COMMIT, AFTER_PUBLISH, BEFORE_ACK, BEFORE_COMMIT
from demo.simulator import Result, Simulator
from tests.faults import loads
from tests.faults.loads import Account
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.one_service import until
from tests.support.running_system import RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

RATE, LONG_RATE = 25, 200
LONGEST_SECONDS, LONG_SECONDS = 120, 900
AMBASSADORS, LONG_AMBASSADORS = 60, 2_000
LONG_DEATHS = 50
OUTSIDE = "killed from outside"
PRODUCER = (OUTSIDE, BEFORE_COMMIT, AFTER_COMMIT, AFTER_PUBLISH)
CONSUMER = (OUTSIDE, BEFORE_COMMIT, AFTER_COMMIT, BEFORE_ACK)


def simulator_of(town: RunningSystem, faults: FaultReport) -> Simulator:
    """Ambassadors who post until they are told that it is enough."""
    return Simulator(
        town.gateway,
        faults.times(RATE, LONG_RATE),
        faults.times(LONGEST_SECONDS, LONG_SECONDS),
        ambassadors=faults.times(AMBASSADORS, LONG_AMBASSADORS),
        patience=faults.times(60, 240),
        effects_within=faults.times(60, 180),
    )


async def die_in_turn(
    town: RunningSystem,
    service: str,
    ways: tuple[str, ...],
    deaths: int,
    done: Callable[[], int],
    *,
    latest: int = 10,
) -> None:
    """So many deaths, in one way after the other; alive again, and seen at work, at the end.

    One that kills itself does so at the `latest`-th time it comes to that step, or earlier: a service under
    load has to live for a while, or nobody is answered in time.
    """
    await until_more(done)
    alive = True
    for way in islice(cycle(ways), deaths):
        if way == OUTSIDE:
            if not alive:
                await come_back(town, service)
            await until_more(done)
            await asyncio.sleep(random.random() / 2)
            await asyncio.to_thread(town.kill, service)
        else:
            if alive:  # it has to be started to be told where to die
                await asyncio.to_thread(town.children[service].stop)
            at = f"{way}:{random.randint(max(1, latest // 3), latest)}"
            await asyncio.to_thread(town.launch, service, crash_at=at, wait=False)
            await asyncio.to_thread(town.wait_for_crash, service, 60)
        alive = False
    await come_back(town, service)
    await until_more(done)


async def come_back(town: RunningSystem, service: str) -> None:
    await asyncio.to_thread(town.launch, service)
    await asyncio.to_thread(town.wait_until_ready)


async def until_more(done: Callable[[], int], actions: int = 10) -> None:
    """Until so many more actions were accepted."""
    before = done()
    await until(lambda: asyncio.sleep(0, done() >= before + actions), 60)


def add_row(faults: FaultReport, fault: str, deaths: int, result: Result, beside: str = "") -> None:
    """The contributions by their ids, and what was done beside them."""
    disturbed = sum(result.disturbances.values())
    note = f"{len(result.attempted) / result.seconds:.0f} posts/s, {disturbed} answers disturbed{beside}"
    numbers = (len(result.attempted), len(result.accepted), len(result.effected), len(result.lost))
    faults.add(FaultRow(fault, deaths, *numbers, result.duplicated, result.seconds, note))


@pytest.mark.parametrize(("service", "ways"), [("campaigns", PRODUCER), ("notifications", CONSUMER)])
async def test_contributions_survive_each_death(
    town: RunningSystem, faults: FaultReport, service: str, ways: tuple[str, ...]
) -> None:
    simulator, deaths = simulator_of(town, faults), faults.times(len(ways), LONG_DEATHS)
    run = asyncio.create_task(simulator.run())
    # Each life has to answer what waited for it: some 600 posts, in some 60 windows of the relay.
    latest = faults.times(10, 600 if service == "campaigns" else 60)
    await die_in_turn(town, service, ways, deaths, lambda: len(simulator.tally.accepted), latest=latest)
    simulator.stop()
    result = await run
    add_row(faults, f"{service} killed, and at each step", deaths, result)
    assert len(result.accepted) == len(result.attempted) - len(result.refused)
    assert result.exact, result.line()
    if service == "campaigns":
        assert result.disturbances, "it died, and nobody who posted noticed: the fault hit nothing"


async def under(
    town: RunningSystem,
    faults: FaultReport,
    load: Callable[[RunningSystem, Account], Awaitable[None]],
    *deaths: tuple[str, tuple[str, ...], int],
) -> tuple[Account, Result]:
    """Run `load`, and ambassadors beside it, while each service of `deaths` dies so often in its ways.

    Every action must have been accepted.
    """
    account, simulator = Account(), simulator_of(town, faults)
    run, posting = asyncio.ensure_future(load(town, account)), asyncio.create_task(simulator.run())
    for service, ways, times in deaths:
        await die_in_turn(town, service, ways, times, lambda: len(account.accepted))
    account.enough = True
    await run
    simulator.stop()
    result = await posting
    await loads.drained(town, 120)
    assert len(account.accepted) == len(account.attempted)
    assert not account.unknown
    assert result.exact, result.line()
    return account, result


async def test_listed_merchants_become_known_everywhere_once(
    town: RunningSystem, faults: FaultReport
) -> None:
    times = faults.times(4, LONG_DEATHS)
    account, result = await under(
        town,
        faults,
        loads.list_merchants,
        ("directory", PRODUCER, times),
        ("campaigns", (BEFORE_ACK,), 1),
        ("assessment", (BEFORE_ACK,), 1),
    )
    for learner in ("campaigns", "assessment", "notifications"):
        known = await loads.merchants_known(town, account.accepted, learner)
        assert known == dict.fromkeys(account.accepted, 1), learner
    beside = f"; {len(account.accepted)} shops listed, each known once to three services"
    add_row(faults, "directory killed, and at each step", times, result, beside)


async def test_assessments_are_kept_once_and_the_newest_advises(
    town: RunningSystem, faults: FaultReport
) -> None:
    times = faults.times(4, LONG_DEATHS)
    account, result = await under(town, faults, loads.take_assessments, ("assessment", PRODUCER, times))
    query = "SELECT id FROM assessments WHERE id = ANY($1)"
    kept = await loads.rows(town, "assessment", query, list(account.accepted))
    assert len(kept) == len(account.accepted)
    query = "SELECT id FROM assessments ORDER BY completed_at DESC LIMIT 1"
    (newest,) = await loads.rows(town, "assessment", query)
    (advice,) = await loads.rows(
        town, "notifications", "SELECT assessment_id FROM advice WHERE assessment_id = $1", newest["id"]
    )
    assert str(advice["assessment_id"]) in account.accepted
    beside = f"; {len(account.accepted)} assessments taken, each kept once"
    add_row(faults, "assessment killed, and at each step", times, result, beside)


async def test_milestones_are_published_though_notifications_dies_right_after(
    town: RunningSystem, faults: FaultReport
) -> None:
    began = datetime.now(UTC)
    await asyncio.to_thread(town.children["notifications"].stop)
    await asyncio.to_thread(town.launch, "notifications", crash_at=f"{AFTER_PUBLISH}:1")
    simulator = simulator_of(town, faults)
    run = asyncio.create_task(simulator.run())
    await asyncio.to_thread(town.wait_for_crash, "notifications", 60)
    await asyncio.to_thread(town.launch, "notifications")
    await asyncio.to_thread(town.wait_until_ready)
    simulator.stop()
    result = await run
    assert result.exact, result.line()
    await loads.drained(town)
    kept = await loads.rows(town, "notifications", "SELECT id FROM milestone WHERE reached_at > $1", began)
    assert kept, "nothing was reached that could have been lost"
    told = await loads.milestones_told(town, began)
    assert told == {str(row["id"]): 1 for row in kept}


async def test_the_portal_killed_under_load_keeps_nobody_from_posting(
    town: RunningSystem, faults: FaultReport
) -> None:
    simulator, deaths = simulator_of(town, faults), faults.times(1, LONG_DEATHS)
    run, pages = asyncio.create_task(simulator.run()), Pages(town.gateway)
    reading = asyncio.create_task(pages.read())
    for _ in range(deaths):
        await until_more(lambda: len(simulator.tally.accepted))
        await until_more(lambda: pages.answers[200], 1)
        await asyncio.to_thread(town.kill, "portal")
        assert not await asyncio.to_thread(town.system.is_ready), "the portal answers: the fault hit nothing"
        await until_more(lambda: len(simulator.tally.accepted))
        await come_back(town, "portal")
    simulator.stop()
    pages.enough = True
    await reading
    result = await run
    read = f"; {pages.answers[200]} pages read, {sum(pages.answers.values()) - pages.answers[200]} refused"
    add_row(faults, "portal killed", deaths, result, read)
    assert pages.answers.keys() - {200} <= {502, 503, 504}, pages.answers
    assert result.exact, result.line()
    assert len(result.accepted) == len(result.attempted) - len(result.refused)


class Pages:
    """Somebody who reads the portal's front page again and again, past the gateway's cache."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self.answers: Counter[int] = Counter()
        self.enough = False

    async def read(self) -> None:
        headers = {"Cookie": "reader=1"}
        async with aiohttp.ClientSession(headers=headers) as client:
            while not self.enough:
                async with client.get(self._gateway) as answer:
                    await answer.read()
                    self.answers[answer.status] += 1
                await asyncio.sleep(0.1)
