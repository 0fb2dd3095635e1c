"""NATS and PostgreSQL killed under load; streams lost and filled again; a database from yesterday."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from demo import effects
from demo.gateway import Gateway
from demo.simulator import Result, Simulator
from demo.town import ANSWERS, NIS_CODE, QUESTIONNAIRE
from operations.rewind import rewind
from tests.faults import loads
from tests.support.fault_report import FaultReport, FaultRow
from tests.support.one_service import until
from tests.support.running_system import RunningSystem

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

RATE, SECONDS = 40, 3


LONG_RATE, LONGEST_SECONDS = 200, 1_500
AMBASSADORS_LONG = 2_000


def row(fault: str, injected: int, result: Result, note: str) -> FaultRow:
    """A simulation's account, with the rate that was reached."""
    note = f"{len(result.attempted) / result.seconds:.0f} posts/s; {note}"
    numbers = (len(result.attempted), len(result.accepted), len(result.effected), len(result.lost))
    return FaultRow(fault, injected, *numbers, result.duplicated, result.seconds, note)


@pytest.mark.parametrize(
    ("server", "way"), [("nats", "killed"), ("postgres", "killed"), ("postgres", "stopped at once")]
)
async def test_a_server_that_goes_down_loses_nothing_and_all_resume_unaided(
    town: RunningSystem, faults: FaultReport, server: str, way: str
) -> None:
    dead_before = await loads.dead_letters(town)
    simulator = Simulator(
        town.gateway,
        faults.times(RATE, LONG_RATE),
        faults.times(60, LONGEST_SECONDS),
        ambassadors=faults.times(200, AMBASSADORS_LONG),
        effects_within=120,
    )
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, len(simulator.tally.accepted) > RATE // 2), 120)
    times, slowest = faults.times(1, 30), 0.0
    for _ in range(times):
        await asyncio.to_thread(town.kill if way == "killed" else _stop_at_once(town), server)
        await asyncio.sleep(random.uniform(0.5, 1.5))
        await asyncio.to_thread(town.launch, server)
        slowest = max(slowest, await loads.resumed(town))
        await asyncio.sleep(random.random() * faults.times(0, 3))
    simulator.stop()
    result = await run
    await asyncio.to_thread(town.wait_until_ready)
    await loads.drained(town)
    dead = await loads.dead_letters(town) - dead_before
    note = f"resumed within {slowest:.1f} s, {dead} dead letters"
    faults.add(row(f"{server} {way} under load", times, result, note))
    assert result.exact, result.line()
    assert len(result.accepted) == len(result.attempted) - len(result.refused)
    if server == "postgres":
        assert result.disturbances, "PostgreSQL was away, and nobody noticed: the fault hit nothing"
    assert dead == 0


def _stop_at_once(town: RunningSystem) -> Callable[[str], None]:
    return lambda _server: town.stop_postgres_at_once()


async def test_posting_goes_on_while_the_bus_is_away(town: RunningSystem, faults: FaultReport) -> None:
    rate, seconds = faults.times(RATE, LONG_RATE), faults.times(2, 600)
    simulator = Simulator(
        town.gateway, rate, seconds, ambassadors=faults.times(200, AMBASSADORS_LONG), effects_within=600
    )
    town.kill("nats")
    run = asyncio.create_task(simulator.run())
    await until(lambda: asyncio.sleep(0, simulator.tally.answered == simulator.count), seconds + 180)
    assert len(simulator.tally.accepted) == simulator.count - len(simulator.tally.refused)
    waiting = await loads.rows(town, "campaigns", "SELECT 1 FROM outbox WHERE published_at IS NULL")
    assert len(waiting) >= len(simulator.tally.accepted), "the bus was not away"
    await asyncio.to_thread(town.launch, "nats")
    returned = asyncio.get_running_loop().time()
    await loads.drained(town, 600)
    drained = asyncio.get_running_loop().time() - returned
    result = await run
    faults.add(row("nats away while people post", 1, result, f"drained {drained:.1f} s after its return"))
    assert result.exact, result.line()


ANSWERED_WITHIN = 12.0
"""Seconds: the pool waits five for a place and a new connection five for the server; the rest is slack."""


async def test_posts_are_told_to_come_back_while_the_database_is_away(
    town: RunningSystem, faults: FaultReport
) -> None:
    dead_before = await loads.dead_letters(town)
    loop = asyncio.get_running_loop()
    async with Gateway(town.gateway) as gateway:
        posts = await _one_post_per_service(town, gateway)
        town.kill("postgres")
        began, slowest, asked = loop.time(), 0.0, 0
        try:
            while loop.time() < began + faults.times(3, 60):
                for url, path, headers, body in posts:
                    sent = loop.time()
                    timeout = aiohttp.ClientTimeout(ANSWERED_WITHIN)
                    key = {"Idempotency-Key": uuid4().hex}
                    async with gateway.client.post(
                        url + path, headers=headers | key, json=body, timeout=timeout
                    ) as answer:
                        told = await answer.read()
                    slowest, asked = max(slowest, loop.time() - sent), asked + 1
                    assert answer.status == 503, (url, path, told)
                    assert answer.content_type == "application/problem+json", (path, answer.headers)
                    assert answer.headers["Retry-After"].isdigit(), path
        finally:
            await asyncio.to_thread(town.launch, "postgres")
        resumed = await _accepts_again(gateway, posts)
    await asyncio.to_thread(town.wait_until_ready)
    await loads.drained(town)
    dead = await loads.dead_letters(town) - dead_before
    note = f"all 503 with Retry-After, slowest {slowest:.1f} s; accepted again after {resumed:.1f} s"
    faults.add(FaultRow("postgres away: clean 503", 1, asked, 0, 0, 0, 0, loop.time() - began, note))
    assert dead == 0


Asked = tuple[str, str, dict[str, str], dict[str, Any]]


async def _one_post_per_service(town: RunningSystem, gateway: Gateway) -> list[Asked]:
    """A post to each owner that people post to, through the gateway and past it."""
    (city,) = (await gateway.read("/api/v1/cities", nis_code=NIS_CODE))["items"]
    (merchant,) = (await gateway.token_of("marc")).merchants
    share = {"merchant_id": merchant, "channel": "link"}
    assessment = {
        "merchant_id": merchant,
        "questionnaire": QUESTIONNAIRE[0],
        "version": QUESTIONNAIRE[1],
        "answers": ANSWERS,
    }
    nothing = {"type": "FeatureCollection", "features": []}
    posts = (
        ("campaigns", "/api/v1/contributions/shares", "ambassador-77", share),
        ("assessment", "/api/v1/assessments", "marc", assessment),
        ("directory", f"/api/v1/cities/{city['id']}/imports", "claire", nothing),
    )
    found = []
    for service, path, person, body in posts:
        headers = {"Authorization": f"Bearer {(await gateway.token_of(person)).token}"}
        direct = f"http://127.0.0.1:{town.system.ports.of(service)}"
        found += [(url, path, headers, body) for url in (town.gateway, direct)]
    return found


async def _accepts_again(gateway: Gateway, posts: list[Asked]) -> float:
    """Seconds until each is answered otherwise than with 503. Fails after 30."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for url, path, headers, body in posts:
        while True:
            key = {"Idempotency-Key": uuid4().hex}
            async with gateway.client.post(url + path, headers=headers | key, json=body) as answer:
                status = answer.status
            assert loop.time() - began < 30, (url, path, status)
            if status < 500:
                break
            assert status == 503, (url, path, status)
            await asyncio.sleep(0.1)
    return loop.time() - began


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
