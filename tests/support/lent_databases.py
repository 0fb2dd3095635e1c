"""Databases that one test after the other is lent: emptied after each, far quicker than another copy.

A copy is some three hundred files; of what a test wrote, most are left as they were.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

MOST_ROWS = 2_000
"""A database in which a test wrote more is not lent again: dead rows and statistics would speak of them."""
_PATIENCE = 100
"""Times 10 ms: how long a closed connection may still be ending."""
_TABLES = """
    SELECT relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""
_SHAPE = """
    SELECT md5(concat(
        (SELECT string_agg(concat(relname, attname, atttypid, attnotnull), ',' ORDER BY relname, attnum)
           FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
          WHERE relnamespace = 'public'::regnamespace AND attnum > 0),
        (SELECT string_agg(concat(conname, convalidated), ',' ORDER BY conname, conrelid) FROM pg_constraint),
        (SELECT string_agg(concat(tgname, tgenabled), ',' ORDER BY tgname, tgrelid) FROM pg_trigger),
        (SELECT string_agg(polname, ',' ORDER BY polname, polrelid) FROM pg_policy),
        (SELECT count(*) FROM pg_proc)))
"""
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_RESTART = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
      FROM pg_sequences WHERE last_value IS NOT NULL
"""


@dataclass(frozen=True)
class _Pristine:
    """What a database is like before a test."""

    shape: str
    seeds: dict[str, str]
    """Tables that migrations filled, with a digest of their rows."""
    filled: str
    """A query for the names of those other tables that have rows."""


class LentDatabases:
    """Of one server. `make` copies a template, `admin_url` is an administrator's way to a database."""

    def __init__(self, make: Callable[[str], Awaitable[str]], admin_url: Callable[[str], str]) -> None:
        self._make = make
        self._admin_url = admin_url
        self._idle: defaultdict[str, list[str]] = defaultdict(list)
        self._pristine: dict[str, _Pristine] = {}

    @asynccontextmanager
    async def lent(self, template: str) -> AsyncIterator[str]:
        """The URL of a database that is like `template`. Whoever takes it closes its connections."""
        url = self._idle[template].pop() if self._idle[template] else await self._make(template)
        if template not in self._pristine:
            self._pristine[template] = await self._look(url)
        yield url
        if await self._is_as_before(url, self._pristine[template]):
            self._idle[template].append(url)

    async def _look(self, url: str) -> _Pristine:
        connection = await self._administrator(url)
        try:
            tables = [row["relname"] for row in await connection.fetch(_TABLES)]
            seeds = {each: digest for each in tables if (digest := await connection.fetchval(_digest(each)))}
            others = [each for each in tables if each not in seeds]
            filled = " UNION ALL ".join(
                f"SELECT '{each}' WHERE EXISTS (SELECT FROM \"{each}\")" for each in others
            )
            return _Pristine(await connection.fetchval(_SHAPE), seeds, filled)
        finally:
            await connection.close()

    async def _is_as_before(self, url: str, before: _Pristine) -> bool:
        """Empties it. False where it cannot be lent again."""
        connection = await self._administrator(url)
        try:
            if await _is_in_use(connection) or await connection.fetchval(_SHAPE) != before.shape:
                return False
            for table, digest in before.seeds.items():
                if await connection.fetchval(_digest(table)) != digest:
                    return False
            deleted = 0
            await connection.execute("SET session_replication_role = replica")  # no foreign keys, no triggers
            for row in await connection.fetch(before.filled):
                status = await connection.execute(f'DELETE FROM "{row[0]}"')
                deleted += int(status.split()[1])
            await connection.execute(_RESTART)
            return deleted <= MOST_ROWS
        finally:
            await connection.close()

    async def _administrator(self, url: str) -> asyncpg.Connection:
        return await asyncpg.connect(self._admin_url(url.rsplit("/", 1)[1]))


def _digest(table: str) -> str:
    return f"SELECT md5(string_agg(row::text, ',' ORDER BY row::text)) FROM \"{table}\" AS row"


async def _is_in_use(connection: asyncpg.Connection) -> bool:
    for _ in range(_PATIENCE):
        if not await connection.fetchval(_OTHERS):
            return False
        await asyncio.sleep(0.01)
    return True
