"""How long what is kept: as data that a person can read, and one job that enforces it and says what it did.

Each service lists its rules; the chassis has some of its own for every service (`maintenance.RULES`). The job
deletes in batches, each in a transaction of its own that also counts it, by rule and day. Operators see the
counts and what fails, and docs/privacy.md shows the rules (a test compares).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    delete,
    literal_column,
    null,
    select,
    text,
    update,
)

from chassis.ids import lowest_at

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from chassis.database import Database, Transaction

BATCH = 5_000

log = structlog.get_logger(__name__)

Delete = Callable[["Transaction", datetime, int], Awaitable[int]]
"""Deletes what is over at a time, so many rows at most; how many."""
Count = Callable[["AsyncConnection", datetime], Awaitable[int]]


@dataclass(frozen=True)
class Rule:
    """One kind of data and its time."""

    name: str
    """What it is, for people; also the key of its counts: a new name begins to count anew."""
    table: str
    """Where its rows are."""
    kept: timedelta
    since: str
    """From when on: `it was asked for`."""
    why: str
    delete: Delete
    kept_back: Count | None = None
    """How many are over and stay, for a reason that `why` gives; None where all go."""


class Failure(NamedTuple):
    """What is over by a rule stays, for the rule cannot be enforced."""

    since: datetime
    last_at: datetime
    error: str
    """What kind of error it was last."""


def older(
    since: Column[datetime], kept: timedelta, *where: ColumnElement[bool], of: Table | None = None
) -> Delete:
    """Deletes rows of `of` (without: of the column's table) that are older than `kept`, and where all is so.

    `where` also joins the two tables, where there are two. Rows that somebody else has locked are left for
    the next round.
    """
    table = of if of is not None else _table_of(since)

    async def delete_some(tx: Transaction, now: datetime, most: int) -> int:
        some = _some(table, since <= now - kept, *where).limit(most)
        return (await tx.execute(delete(table).where(_PLACE.in_(some)))).rowcount

    return delete_some


def of_older_things(identifier: Column[UUID], kept: timedelta) -> Delete:
    """Deletes rows of what was made longer ago than `kept`: its UUIDv7 says when."""
    table = _table_of(identifier)

    async def delete_some(tx: Transaction, now: datetime, most: int) -> int:
        some = _some(table, identifier <= lowest_at(now - kept)).limit(most)
        return (await tx.execute(delete(table).where(_PLACE.in_(some)))).rowcount

    return delete_some


def emptied(
    column: Column[Any], since: Column[datetime], kept: timedelta, *where: ColumnElement[bool]
) -> Delete:
    """Takes what is in that column out of rows that are older than `kept`, and that stay."""
    table = _table_of(column)

    async def empty_some(tx: Transaction, now: datetime, most: int) -> int:
        some = _some(table, since <= now - kept, column.is_not(None), *where).limit(most)
        return (await tx.execute(update(table).where(_PLACE.in_(some)).values({column: null()}))).rowcount

    return empty_some


_PLACE: Any = literal_column("ctid")


def _some(table: Table, *where: ColumnElement[bool]) -> Select[Any]:
    place: Any = literal_column(f"{table.name}.ctid")
    found = select(place).select_from(table).where(*where).correlate(None)
    return found.with_for_update(of=table, skip_locked=True)


def _table_of(column: Column[Any]) -> Table:
    table = column.table
    assert isinstance(table, Table)
    return table


async def enforce(database: Database, rules: Sequence[Rule], now: datetime) -> dict[str, int]:
    """One round; by rule, how many rows were deleted. Safe in any number of processes.

    A rule that fails is tried again in the next round, and keeps no other from its turn. Until it succeeds,
    `failures` has it.
    """
    done, failed = {}, {}
    for rule in rules:
        try:
            done[rule.name] = await _enforce_one(database, rule, now)
        except Exception as error:
            failed[rule.name] = type(error).__name__
            log.warning("what is over is deleted later", rule=rule.name, error=failed[rule.name])
    await _note(database, done, failed, now)
    return done


async def _note(database: Database, done: Collection[str], failed: Mapping[str, str], now: datetime) -> None:
    """Which rules fail, and that others do no more. The error by its name alone: its text may hold rows."""
    async with database.transaction() as tx:
        await tx.execute(_SUCCEEDED, {"rules": list(done)})
        for rule, error in sorted(failed.items()):
            await tx.execute(_FAILED, {"rule": rule, "error": error, "now": now})


async def _enforce_one(database: Database, rule: Rule, now: datetime) -> int:
    total = 0
    while True:
        async with database.transaction() as tx:
            rows = await rule.delete(tx, now, BATCH)
            if rows:
                counted = {"rule": rule.name, "day": now.astimezone(UTC).date(), "rows": rows, "now": now}
                await tx.execute(_COUNT, counted)
        total += rows
        if rows < BATCH:
            return total


async def done_since(database: Database, since: datetime) -> dict[str, tuple[int, datetime]]:
    """By rule, how many rows were deleted since that day, and when last (whenever that was)."""
    async with database.connection() as connection:
        found = await connection.execute(_DONE, {"day": since.astimezone(UTC).date()})
        return {rule: (int(rows), last_at) for rule, rows, last_at in found}


async def failures(database: Database) -> dict[str, Failure]:
    """The rules that failed when they were last tried, by name."""
    async with database.connection() as connection:
        found = await connection.execute(_FAILURES)
        return {rule: Failure(since, last_at, error) for rule, since, last_at, error in found}


async def kept_back(database: Database, rules: Sequence[Rule], now: datetime) -> dict[str, int]:
    """By rule, of those that keep some back, how many are over and stay."""
    async with database.connection() as connection:
        return {
            rule.name: await rule.kept_back(connection, now) for rule in rules if rule.kept_back is not None
        }


_COUNT = text("""
    INSERT INTO retention_done AS known (rule, day, rows, last_at) VALUES (:rule, :day, :rows, :now)
    ON CONFLICT (rule, day) DO UPDATE
       SET rows = known.rows + excluded.rows, last_at = greatest(known.last_at, excluded.last_at)
""")
_DONE = text("""
    SELECT rule, coalesce(sum(rows) FILTER (WHERE day >= :day), 0), max(last_at)
    FROM retention_done GROUP BY rule
""")
# In one order in every process, so that none waits for another that waits for it.
_SUCCEEDED = text("""
    DELETE FROM retention_failure WHERE rule IN (
        SELECT rule FROM retention_failure WHERE rule = ANY(:rules) ORDER BY rule FOR UPDATE)
""")
_FAILED = text("""
    INSERT INTO retention_failure AS known (rule, since, last_at, error) VALUES (:rule, :now, :now, :error)
    ON CONFLICT (rule) DO UPDATE
       SET last_at = greatest(known.last_at, excluded.last_at), error = excluded.error
""")
_FAILURES = text("SELECT rule, since, last_at, error FROM retention_failure")
