"""A service's chassis on the real database and bus, without any service around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import text

from chassis import maintenance, schema
from chassis.clock import utc_now
from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import Environment, ServiceSettings
from contracts.campaigns.v1 import AmbassadorReviewPosted
from contracts.envelope import Event
from operations.streams import create_streams
from tests.support.servers import Nats, Postgres

CITY = UUID("01890000-0000-7000-8000-00000000c17e")


class _Statements:
    """Collects what a migration executes."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def execute(self, sqltext: str) -> None:
        self.statements.append(sqltext)


def settings_of(service: str, database_url: str, nats: Nats | None) -> ServiceSettings:
    """Settings of a service under test."""
    return ServiceSettings(
        service_name=service,
        environment=Environment.test,
        database_url=database_url,
        nats_url=nats.url if nats else "nats://127.0.0.1:1",
        nats_user=service,
        nats_password=SecretStr(nats.password(service) if nats else ""),
        pool_size=20,
    )


async def create_chassis_tables(database: Database) -> None:
    """What a service's migrations do, and its first round of maintenance."""
    collected = _Statements()
    schema.create_v1(collected)
    schema.alter_to_v2(collected)
    schema.alter_to_v3(collected)
    schema.alter_to_v4(collected)
    async with database.transaction() as tx:
        for statement in collected.statements:
            await tx.execute(text(statement))
    await maintenance.tidy(database, utc_now())


@asynccontextmanager
async def chassis_database(
    postgres: Postgres, nats: Nats | None = None, service: str = "campaigns"
) -> AsyncIterator[tuple[Database, ServiceSettings]]:
    """A fresh database with the chassis tables."""
    settings = settings_of(service, await postgres.create_database(), nats)
    database = Database(settings)
    try:
        await create_chassis_tables(database)
        yield database, settings
    finally:
        await database.close()


async def fresh_streams(nats: Nats) -> None:
    """All streams and durables as declared, empty."""
    await nats.delete_streams()
    client = await nats.connect()
    await create_streams(client.jetstream())
    await client.close()


def a_review(merchant: UUID | None = None, *, age: timedelta = timedelta(0)) -> Event[AmbassadorReviewPosted]:
    """A review posted just now, or `age` ago."""
    fact = AmbassadorReviewPosted(
        city_id=CITY,
        contribution_id=new_id(),
        merchant_id=merchant or new_id(),
        contributor_id=new_id(),
        rating=4,
    )
    return Event.of(fact, utc_now() - age)


@asynccontextmanager
async def running(*runs: object) -> AsyncIterator[asyncio.Event]:
    """Run objects with `run(stop)` side by side; they are stopped at the end."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(each.run(stop)) for each in runs]  # type: ignore[attr-defined]
    try:
        yield stop
    finally:
        stop.set()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, 15)


async def until(condition: object, seconds: float = 20) -> None:
    """Wait until the async callable is true; fails the test otherwise."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():  # type: ignore[operator]
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)
