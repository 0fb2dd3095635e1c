"""How long a transaction may hold what others wait for, whatever its process does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, exc, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis import database as module
from chassis.compiled import Compiled
from chassis.database import Database, after_commit, copy_rows, is_infrastructure_error, without_time_limit
from tests.support.one_service import chassis_database
from tests.support.servers import Postgres

_A_SECOND = text("SELECT pg_sleep(1)")


@pytest.fixture
async def database(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """One whose transactions may take a second."""
    async with chassis_database(postgres) as (_, settings):
        monkeypatch.setattr(module, "LONGEST_TRANSACTION", "1s")
        made = Database(settings)
        yield made
        await made.close()


async def test_a_transaction_that_stands_still_is_ended_and_may_be_tried_again(database: Database) -> None:
    async def stand_still() -> None:
        async with database.transaction() as tx:
            await tx.execute(text("SELECT 1"))
            await asyncio.sleep(2)
            await tx.execute(text("SELECT 1"))

    with pytest.raises(exc.DBAPIError) as caught:
        await stand_still()
    assert is_infrastructure_error(caught.value)
    async with database.transaction() as tx:
        assert await tx.scalar(text("SELECT 2")) == 2


async def test_a_statement_that_takes_too_long_is_ended_with_its_transaction(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(exc.DBAPIError) as caught:
            await connection.execute(text("SELECT pg_sleep(3)"))
    assert is_infrastructure_error(caught.value)


async def test_one_that_has_to_read_everything_is_given_its_time(database: Database) -> None:
    async with database.connection() as connection:
        await without_time_limit(connection)
        await asyncio.sleep(1.5)
        assert await connection.scalar(text("SELECT 1")) == 1
    async with database.connection() as connection:
        assert await connection.scalar(text("SELECT current_setting('transaction_timeout')")) == "1s"


async def test_a_statement_is_waited_for_as_long_as_its_process_said(postgres: Postgres) -> None:
    async with chassis_database(postgres) as (_, settings):
        hurried, unhurried = (Database(settings, longest_statement=longest) for longest in (0.5, None))
        async with hurried.connection() as connection:
            with pytest.raises(TimeoutError):
                await connection.execute(_A_SECOND)
        async with unhurried.connection() as connection:
            await without_time_limit(connection)
            await connection.execute(_A_SECOND)
        await hurried.close()
        await unhurried.close()


async def test_what_follows_a_commit_is_not_done_for_one_that_was_rolled_back(
    database: Database,
) -> None:
    done: list[str] = []

    async def fail() -> None:
        async with database.transaction() as tx:
            after_commit(tx, lambda: done.append("rolled back"))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    for _ in range(20):  # over every connection of the pool
        async with database.transaction() as tx:
            assert await tx.scalar(text("SELECT 1")) == 1
    assert done == []
    async with database.transaction() as tx:
        after_commit(tx, lambda: done.append("committed"))
        assert done == []
    assert done == ["committed"]


async def test_copied_rows_are_there_and_what_goes_wrong_is_told_apart(database: Database) -> None:
    made = Table("made", MetaData(), Column("id", Integer), Column("known", JSONB))
    rows = [{"id": number, "known": {"of": [number, "é"]} if number else None} for number in range(3)]
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE made (id integer PRIMARY KEY, known jsonb)"))
        await copy_rows(tx, made, [])
        await copy_rows(tx, made, rows)
    async with database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM made WHERE known IS NULL")) == 1
        stored = (await connection.execute(select(made).order_by(made.c.id))).mappings().all()
    assert [dict(row) for row in stored] == rows

    with pytest.raises(asyncpg.UniqueViolationError) as twice:
        async with database.transaction() as tx:
            await copy_rows(tx, made, rows[:1])
    assert not is_infrastructure_error(twice.value)

    async def too_late() -> None:
        async with database.connection() as connection:
            await connection.execute(text("SELECT 1"))
            await asyncio.sleep(2)
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as late:
                await copy_rows(connection, made, [{"id": 9, "known": None}])
            assert is_infrastructure_error(late.value)

    with suppress(exc.InterfaceError):  # nor can it be rolled back
        await too_late()


async def test_what_is_compiled_once_does_what_sqlalchemy_does(database: Database) -> None:
    made = Table("made", MetaData(), Column("id", Integer), Column("known", JSONB))
    add = Compiled(insert(made).returning(made.c.id, made.c.known))
    newest = Compiled(select(made.c.id, made.c.known).order_by(made.c.id.desc()).limit(1))
    empty = Compiled(text("DELETE FROM made WHERE id = :id"))
    rows = [{"id": number, "known": {"of": [number, "é"]}} for number in range(3)]
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE made (id integer PRIMARY KEY, known jsonb)"))
    async with database.transaction() as tx:  # the first by SQLAlchemy, which begins the transaction
        assert [dict((await add.rows(tx, row))[0]) for row in rows] == rows
        assert [dict(row) for row in await newest.rows(tx, {})] == rows[-1:]

    async def rolled_back() -> None:
        async with database.transaction() as tx:
            assert list(await empty.rows(tx, {"id": 0})) == list(await empty.rows(tx, {"id": 1})) == []
            await add.rows(tx, rows[2])

    with pytest.raises(exc.IntegrityError, match="made_pkey") as twice:
        await rolled_back()
    assert not is_infrastructure_error(twice.value)
    async with database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM made")) == 3

    async def too_late() -> None:
        async with database.transaction() as tx:
            await newest.rows(tx, {})
            await asyncio.sleep(2)
            await newest.rows(tx, {})

    with pytest.raises(exc.DBAPIError) as late:
        await too_late()
    assert is_infrastructure_error(late.value)
    async with database.transaction() as tx:  # nobody is given that connection again
        assert await newest.rows(tx, {})
