"""`kill -9` of each service under load, and at each step: nothing accepted is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chassis import crash_points
from demo.simulator import Result, Simulator
from tests.faults import loads
from tests.faults.loads import Account
from tests.support.one_service import until
from tests.support.running_system import OWNERS_OF_DATA, RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

RATE, SECONDS = 40, 3
ACTIONS = 40
ANYWHERE = "under load"


async def die(town: RunningSystem, service: str, point: str, under_way: Callable[[], bool]) -> None:
    """The fault itself: killed from outside while work is under way, or by itself at a step; restarted."""
    if point == ANYWHERE:
        await until(lambda: asyncio.sleep(0, under_way()))
        await asyncio.to_thread(town.kill, service)
    else:
        await asyncio.to_thread(town.wait_for_crash, service)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(town.launch, service)


async def arm(town: RunningSystem, service: str, point: str) -> None:
    """Have the service die when it reaches `point` for the third time."""
    if point != ANYWHERE:
        await asyncio.to_thread(town.children[service].stop)
        await asyncio.to_thread(town.launch, service, crash_at=f"{point}:3")
        await asyncio.to_thread(town.wait_until_ready)


async def with_contributions(town: RunningSystem, service: str, point: str) -> Result:
    await arm(town, service, point)
    simulator = Simulator(town.gateway, RATE, SECONDS)
    run = asyncio.create_task(simulator.run())
    await die(town, service, point, lambda: len(simulator.tally.accepted) > RATE // 2)
    result = await run
    await asyncio.to_thread(town.wait_until_ready)
    return result


async def under(
    town: RunningSystem,
    load: Callable[[RunningSystem, Account, int], Awaitable[None]],
    service: str,
    point: str,
) -> Account:
    await arm(town, service, point)
    account = Account()
    run = asyncio.ensure_future(load(town, account, ACTIONS))
    await die(town, service, point, lambda: len(account.accepted) > ACTIONS // 4)
    await run
    await asyncio.to_thread(town.wait_until_ready)
    await loads.drained(town)
    assert len(account.accepted) == len(account.attempted) == ACTIONS
    return account


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("campaigns", ANYWHERE),
        ("campaigns", crash_points.BEFORE_COMMIT),
        ("campaigns", crash_points.AFTER_COMMIT),
        ("campaigns", crash_points.AFTER_PUBLISH),
        ("notifications", ANYWHERE),
        ("notifications", crash_points.BEFORE_COMMIT),
        ("notifications", crash_points.AFTER_COMMIT),
        ("notifications", crash_points.BEFORE_ACK),
        ("notifications", crash_points.AFTER_PUBLISH),
    ],
)
async def test_contributions_survive(town: RunningSystem, service: str, point: str) -> None:
    result = await with_contributions(town, service, point)
    assert len(result.attempted) == RATE * SECONDS
    assert len(result.accepted) == len(result.attempted) - len(result.refused)
    assert result.exact, result.line()


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("directory", ANYWHERE),
        ("directory", crash_points.BEFORE_COMMIT),
        ("directory", crash_points.AFTER_COMMIT),
        ("directory", crash_points.AFTER_PUBLISH),
        ("campaigns", crash_points.BEFORE_ACK),
        ("assessment", crash_points.BEFORE_ACK),
    ],
)
async def test_listed_merchants_become_known_everywhere(
    town: RunningSystem, service: str, point: str
) -> None:
    account = await under(town, loads.list_merchants, service, point)
    for learner in ("campaigns", "assessment", "notifications"):
        known = await loads.merchants_known(town, account.accepted, learner)
        assert known == dict.fromkeys(account.accepted, 1), learner


@pytest.mark.parametrize(
    "point", [ANYWHERE, crash_points.BEFORE_COMMIT, crash_points.AFTER_COMMIT, crash_points.AFTER_PUBLISH]
)
async def test_assessments_are_kept_once_and_the_newest_advises(town: RunningSystem, point: str) -> None:
    account = await under(town, loads.take_assessments, "assessment", point)
    query = "SELECT id FROM assessments WHERE id = ANY($1)"
    kept = await loads.rows(town, "assessment", query, list(account.accepted))
    assert len(kept) == ACTIONS
    query = "SELECT id FROM assessments ORDER BY completed_at DESC LIMIT 1"
    (newest,) = await loads.rows(town, "assessment", query)
    (advice,) = await loads.rows(
        town, "notifications", "SELECT assessment_id FROM advice WHERE assessment_id = $1", newest["id"]
    )
    assert str(advice["assessment_id"]) in account.accepted


def test_every_service_with_data_is_killed_under_load() -> None:
    killed = {"campaigns", "notifications", "directory", "assessment"}
    assert killed == set(OWNERS_OF_DATA)
