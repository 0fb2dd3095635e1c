"""What is over goes in batches, is counted by day, and one rule keeps no other from its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Column, DateTime, MetaData, Table, Uuid, select, text

from chassis import maintenance, retention
from chassis.clock import utc_now
from chassis.database import Database, Transaction
from chassis.ids import new_id
from chassis.retention import Failure, Rule, done_since, emptied, enforce, failures, older
from tests.support.one_service import chassis_database
from tests.support.servers import Postgres

thing = Table(
    "thing",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", Uuid),
)
DAY = timedelta(days=1)
THINGS = Rule("things", "thing", DAY, "they were made", "to be looked at", older(thing.c.at, DAY))


async def fails(_tx: Transaction, _now: datetime, _most: int) -> int:
    raise RuntimeError("cannot")


BROKEN = Rule("broken", "thing", DAY, "ever", "never", fails)


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    async with chassis_database(postgres) as (database, _):
        async with database.transaction() as tx:
            await tx.execute(
                text("CREATE TABLE thing (id uuid PRIMARY KEY, at timestamptz NOT NULL, who uuid)")
            )
        yield database


async def made(database: Database, *ages: timedelta) -> list[UUID]:
    ids = [new_id() for _ in ages]
    async with database.transaction() as tx:
        rows = [{"id": i, "at": utc_now() - age} for i, age in zip(ids, ages, strict=True)]
        await tx.execute(thing.insert(), rows)
    return ids


async def left(database: Database) -> set[UUID]:
    async with database.connection() as connection:
        return set((await connection.execute(select(thing.c.id))).scalars())


async def test_what_is_over_goes_batch_by_batch_and_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    *_, young = await made(database, *(5 * [2 * DAY]), DAY / 2)
    now = utc_now()

    assert await enforce(database, [THINGS], now) == {"things": 5}

    assert await left(database) == {young}
    assert await done_since(database, now) == {"things": (5, now)}
    assert await enforce(database, [THINGS], now) == {"things": 0}
    assert await done_since(database, now + 2 * DAY) == {"things": (0, now)}


async def test_processes_side_by_side_count_each_row_once(database: Database) -> None:
    await made(database, *(400 * [2 * DAY]))
    now = utc_now()

    rounds = await asyncio.gather(*(enforce(database, [THINGS], now) for _ in range(4)))

    assert sum(each["things"] for each in rounds) == 400
    assert (await done_since(database, now))["things"][0] == 400


async def test_a_rule_that_fails_keeps_no_other_from_its_turn(database: Database) -> None:
    await made(database, 2 * DAY)

    assert await enforce(database, [BROKEN, THINGS], utc_now()) == {"things": 1}


async def test_a_rule_that_fails_is_shown_since_when_until_it_succeeds(database: Database) -> None:
    first = utc_now()
    await enforce(database, [BROKEN, THINGS], first)
    await enforce(database, [BROKEN], first + DAY)

    assert await failures(database) == {"broken": Failure(first, first + DAY, "RuntimeError")}

    await enforce(database, [replace(BROKEN, delete=THINGS.delete)], first + 2 * DAY)
    assert await failures(database) == {}


async def test_what_the_database_refuses_is_shown_too(database: Database) -> None:
    async def refused(tx: Transaction, _now: datetime, _most: int) -> int:
        return (await tx.execute(text("SELECT 1 / 0"))).rowcount

    await enforce(database, [replace(BROKEN, delete=refused), THINGS], utc_now())

    assert (await failures(database))["broken"].error == "DBAPIError"


async def test_processes_that_fail_and_succeed_side_by_side_wait_for_none(database: Database) -> None:
    names = [f"rule {number}" for number in range(20)]
    broken = [replace(BROKEN, name=name) for name in names]
    mended = [replace(THINGS, name=name) for name in reversed(names)]

    await asyncio.gather(*(enforce(database, rules, utc_now()) for rules in 4 * [broken, mended]))
    await enforce(database, broken[:1] + mended[:-1], utc_now())

    assert set(await failures(database)) == {"rule 0"}


async def test_a_week_that_is_dropped_is_counted_too(database: Database) -> None:
    later = utc_now() + timedelta(days=60)
    done = await enforce(database, maintenance.RULES, later)

    assert done["events as they were sent"] >= 1
    assert done["ids of events that were applied"] >= 1
    assert "dead letters" in done


async def test_what_is_in_a_column_goes_and_its_row_stays(database: Database) -> None:
    old, young = await made(database, 2 * DAY, DAY / 2)
    async with database.transaction() as tx:
        await tx.execute(thing.update().values(who=old))
    unnamed = Rule("who", "thing", DAY, "then", "to be asked", emptied(thing.c.who, thing.c.at, DAY))

    assert await enforce(database, [unnamed], utc_now()) == {"who": 1}
    assert await enforce(database, [unnamed], utc_now()) == {"who": 0}

    async with database.connection() as connection:
        rows = (await connection.execute(select(thing.c.id, thing.c.who))).all()
    assert {(row.id, row.who) for row in rows} == {(old, None), (young, old)}


def test_what_lives_for_days_is_not_looked_for_every_minute() -> None:
    short = Rule("codes", "thing", DAY / 24, "they were sent", "to sign in", fails)
    assert maintenance.short_lived([short, THINGS]) == [short]
