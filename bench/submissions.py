"""POST an assessment: our service against a handler that checks the token and inserts the same rows, no more.

The session form, by owners who each hand in for their shop again and again. Closed loop over a few
connections; every process and database is fresh in each round, and warmed up.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

from rich.console import Console

from bench.ground import CITY, ground, merchant
from bench.load import post_all
from bench.post import CONNECTIONS, Town, listed
from bench.rows import Contestant, Row, compare, interleaved
from chassis.clock import utc_now
from chassis.database import Database
from chassis.identity import Grant, Role
from chassis.received import Received
from chassis.settings import ServiceSettings
from contracts.envelope import Event
from services.assessment import merchants
from tests.integration.assessment.hall import ANSWERS
from tests.support.servers import free_port

SHOPS, WARM_UP, MEASURED = 50, 200, 3_000
TARGET = 0.5
PATH = "/api/v1/assessments"
TEMPLATE = "assessed_town"


async def rows(rounds: int, console: Console) -> list[Row]:
    """Requests a second."""
    with ground() as servers:
        town = Town(servers, servers.postgres.root)
        await _build(town)
        contestants: dict[str, Contestant] = {
            "ours": partial(_ours, town),
            "rows": partial(_handler, town, PATH),
            "bare": partial(_handler, town, "/bare"),
        }
        found = await interleaved(contestants, rounds, console)
    measure = f"POST an assessment (session form), {CONNECTIONS} connections, requests/s"
    same, bare = (
        "same token check, same rows, same ORM, nothing else",
        "two of the rows over asyncpg, no token",
    )
    return [
        compare(measure, same, found["ours"], found["rows"], target=TARGET),
        compare(measure, bare, found["ours"], found["bare"], target=None),
    ]


async def _build(town: Town) -> None:
    """A database with the shops, to be copied."""
    await town.servers.template("assessment")
    url = await town.servers.postgres.create_database(TEMPLATE, template="assessment_template")
    database = Database(ServiceSettings(service_name="assessment", database_url=url))
    known = [Event.of(listed(merchant(number)), utc_now()) for number in range(SHOPS)]
    async with database.transaction() as tx:
        await merchants.apply(
            tx,
            [
                Received(each.id, each.time, each.fact, replayed=False, traceparent=None, message=None)  # type: ignore[arg-type]
                for each in known
            ],
        )
    await database.close()


def _requests(town: Town, path: str, count: int) -> Iterator[bytes]:
    owners = [
        town.issuer.token(uuid4(), Grant(Role.merchant, CITY, merchant(number)), seconds=7200)
        for number in range(SHOPS)
    ]
    for number in range(count):
        body = {
            "merchant_id": str(merchant(number % SHOPS)),
            "questionnaire": "session-form",
            "version": 1,
            "answers": ANSWERS,
        }
        yield town.request(path, owners[number % SHOPS], json.dumps(body).encode())


async def _rate(town: Town, url: str, port: int, path: str = PATH) -> float:
    """Requests a second, after a warm-up. Every one must be accepted, and stored with its event."""
    await post_all(port, list(_requests(town, path, WARM_UP)), CONNECTIONS)
    answers = await post_all(port, list(_requests(town, path, MEASURED)), CONNECTIONS)
    if answers.statuses != {201: MEASURED}:
        raise RuntimeError(f"not every assessment was accepted: {dict(answers.statuses)}")
    for table in ("assessments", "outbox"):
        stored = await town.servers.count(url, f"SELECT count(*) FROM {table}")
        if stored != WARM_UP + MEASURED:
            raise RuntimeError(f"{stored} of {WARM_UP + MEASURED} rows in {table}")
    return MEASURED / answers.seconds


async def _ours(town: Town) -> float:
    async with _database(town) as url, town.service(url, "api", "assessment") as port:
        return await _rate(town, url, port)


async def _handler(town: Town, path: str) -> float:
    port = free_port()
    command = ("-m", "bench.contestants.same_submission", str(port))
    async with (
        _database(town) as url,
        town.process(*command, url=url, port=port, user="assessment"),
    ):
        return await _rate(town, url, port, path)


@asynccontextmanager
async def _database(town: Town) -> AsyncIterator[str]:
    url = await town.servers.postgres.create_database(template=TEMPLATE)
    try:
        yield url
    finally:
        await town.servers.postgres.drop_database(url.rsplit("/", 1)[1])
