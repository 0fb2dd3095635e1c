"""`kill -9` of each service under load, and at each step: nothing accepted is lost, nothing happens twice.

One load goes on while the service dies in one way after the other. Every death is asserted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from chassis.crash_points import AFTER_COMMIT, AFTER_PUBLISH, BEFORE_ACK, BEFORE_COMMIT
from demo.simulator import Simulator
from tests.faults import loads
from tests.faults.loads import Account
from tests.support.one_service import until
from tests.support.running_system import RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

RATE = 25
LONGEST_SECONDS = 120
AMBASSADORS = 60


async def die_in_turn(
    town: RunningSystem, service: str, points: tuple[str, ...], done: Callable[[], int]
) -> None:
    """Killed from outside while work is under way, then by itself at each of `points`; then alive again."""
    await until_more(done)
    await asyncio.to_thread(town.kill, service)
    for point in points:
        await asyncio.to_thread(town.launch, service, crash_at=f"{point}:3")
        await asyncio.to_thread(town.wait_for_crash, service)
    await asyncio.to_thread(town.launch, service)
    await asyncio.to_thread(town.wait_until_ready)
    await until_more(done)


async def until_more(done: Callable[[], int], actions: int = 10) -> None:
    """Until so many more actions were accepted."""
    before = done()
    await until(lambda: asyncio.sleep(0, done() >= before + actions), 60)


@pytest.mark.parametrize(
    ("service", "points"),
    [
        ("campaigns", (BEFORE_COMMIT, AFTER_COMMIT, AFTER_PUBLISH)),
        ("notifications", (BEFORE_COMMIT, AFTER_COMMIT, BEFORE_ACK)),
    ],
)
async def test_contributions_survive_each_death(
    town: RunningSystem, service: str, points: tuple[str, ...]
) -> None:
    simulator = Simulator(town.gateway, RATE, LONGEST_SECONDS, ambassadors=AMBASSADORS, effects_within=60)
    run = asyncio.create_task(simulator.run())
    await die_in_turn(town, service, points, lambda: len(simulator.tally.accepted))
    simulator.stop()
    result = await run
    assert len(result.accepted) == len(result.attempted) - len(result.refused)
    assert result.exact, result.line()
    if service == "campaigns":
        assert result.disturbances, "it died, and nobody who posted noticed: the fault hit nothing"


async def under(
    town: RunningSystem,
    load: Callable[[RunningSystem, Account], Awaitable[None]],
    *deaths: tuple[str, tuple[str, ...]],
) -> Account:
    """Run `load` while each service of `deaths` dies in its ways; every action must have been accepted."""
    account = Account()
    run = asyncio.ensure_future(load(town, account))
    for service, points in deaths:
        await die_in_turn(town, service, points, lambda: len(account.accepted))
    account.enough = True
    await run
    await loads.drained(town)
    assert len(account.accepted) == len(account.attempted)
    assert not account.unknown
    return account


async def test_listed_merchants_become_known_everywhere_once(town: RunningSystem) -> None:
    account = await under(
        town,
        loads.list_merchants,
        ("directory", (BEFORE_COMMIT, AFTER_COMMIT, AFTER_PUBLISH)),
        ("campaigns", (BEFORE_ACK,)),
        ("assessment", (BEFORE_ACK,)),
    )
    for learner in ("campaigns", "assessment", "notifications"):
        known = await loads.merchants_known(town, account.accepted, learner)
        assert known == dict.fromkeys(account.accepted, 1), learner


async def test_assessments_are_kept_once_and_the_newest_advises(town: RunningSystem) -> None:
    deaths = ("assessment", (BEFORE_COMMIT, AFTER_COMMIT, AFTER_PUBLISH))
    account = await under(town, loads.take_assessments, deaths)
    query = "SELECT id FROM assessments WHERE id = ANY($1)"
    kept = await loads.rows(town, "assessment", query, list(account.accepted))
    assert len(kept) == len(account.accepted)
    query = "SELECT id FROM assessments ORDER BY completed_at DESC LIMIT 1"
    (newest,) = await loads.rows(town, "assessment", query)
    (advice,) = await loads.rows(
        town, "notifications", "SELECT assessment_id FROM advice WHERE assessment_id = $1", newest["id"]
    )
    assert str(advice["assessment_id"]) in account.accepted


async def test_milestones_are_published_though_notifications_dies_right_after(town: RunningSystem) -> None:
    began = datetime.now(UTC)
    await asyncio.to_thread(town.children["notifications"].stop)
    await asyncio.to_thread(town.launch, "notifications", crash_at=f"{AFTER_PUBLISH}:1")
    simulator = Simulator(town.gateway, RATE, LONGEST_SECONDS, ambassadors=AMBASSADORS, effects_within=60)
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


async def test_the_portal_killed_under_load_keeps_nobody_from_posting(town: RunningSystem) -> None:
    simulator = Simulator(town.gateway, RATE, LONGEST_SECONDS, ambassadors=AMBASSADORS, effects_within=60)
    run = asyncio.create_task(simulator.run())
    await until_more(lambda: len(simulator.tally.accepted))
    await asyncio.to_thread(town.kill, "portal")
    assert not await asyncio.to_thread(town.system.is_ready), "the portal answers: the fault hit nothing"
    await until_more(lambda: len(simulator.tally.accepted))
    await asyncio.to_thread(town.launch, "portal")
    await asyncio.to_thread(town.wait_until_ready)
    simulator.stop()
    result = await run
    assert result.exact, result.line()
    assert len(result.accepted) == len(result.attempted) - len(result.refused)
