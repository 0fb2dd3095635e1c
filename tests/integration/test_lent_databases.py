"""A database that is lent again has nothing of the test before."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from tests.support.servers import Postgres

_TABLES = """
    CREATE TABLE parent (id serial PRIMARY KEY, said text);
    CREATE TABLE child (of integer NOT NULL REFERENCES parent (id));
    CREATE TABLE seeds (said text);
    INSERT INTO seeds VALUES ('by a migration');
"""


@pytest.fixture
async def template(postgres: Postgres) -> AsyncIterator[str]:
    name = f"lent_{uuid4().hex[:8]}"
    await _do(await postgres.create_database(name), _TABLES)
    yield name
    await postgres.drop_database(name)


async def _do(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()


async def _rows(url: str) -> list[int]:
    connection = await asyncpg.connect(url)
    try:
        return [
            await connection.fetchval(f"SELECT count(*) FROM {each}") for each in ("parent", "child", "seeds")
        ]
    finally:
        await connection.close()


async def test_it_is_lent_again_empty_and_counts_from_one(postgres: Postgres, template: str) -> None:
    async with postgres.databases.lent(template) as first:
        await _do(first, "INSERT INTO parent (said) VALUES ('x'), ('y'); INSERT INTO child VALUES (2)")
    async with postgres.databases.lent(template) as second:
        assert second == first
        assert await _rows(second) == [0, 0, 1]
        await _do(second, "INSERT INTO parent (said) VALUES ('z'); INSERT INTO child VALUES (1)")
        assert await _rows(second) == [1, 1, 1]


async def test_two_at_once_are_two(postgres: Postgres, template: str) -> None:
    async with postgres.databases.lent(template) as one, postgres.databases.lent(template) as other:
        assert one != other


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE parent ADD COLUMN more text",
        "ALTER TABLE parent ALTER COLUMN said SET NOT NULL",
        "ALTER TABLE parent DISABLE TRIGGER ALL",
        "ALTER TABLE child DROP CONSTRAINT child_of_fkey",
        "CREATE INDEX extra ON parent (said)",
        "CREATE FUNCTION extra() RETURNS integer LANGUAGE sql RETURN 1",
        "UPDATE seeds SET said = 'by a test'",
        "INSERT INTO parent (said) SELECT 'one of many' FROM generate_series(1, 2001)",
    ],
)
async def test_one_that_was_changed_is_not_lent_again(postgres: Postgres, template: str, change: str) -> None:
    async with postgres.databases.lent(template) as changed:
        await _do(changed, change)
    async with postgres.databases.lent(template) as next_one:
        assert next_one != changed


async def test_one_that_somebody_still_uses_is_not_lent_again(postgres: Postgres, template: str) -> None:
    async with postgres.databases.lent(template) as used:
        left = await asyncpg.connect(used)
    async with postgres.databases.lent(template) as next_one:
        assert next_one != used
    await left.close()
