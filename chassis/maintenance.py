"""Keeps a service's tables in shape: partitions ahead of time, and what is over deleted by its rules."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text

from chassis import idempotency, retention
from chassis.clock import utc_now
from chassis.ids import lowest_at
from chassis.retention import Delete, Rule

if TYPE_CHECKING:
    from chassis.database import Database, Transaction

WEEK = timedelta(days=7)
WEEKS_AHEAD = 3
OUTBOX_KEEPS = timedelta(days=30)
INBOX_KEEPS = timedelta(days=35)
DEAD_LETTERS_KEEP = timedelta(days=90)
"""Decided ones; open ones are kept until somebody decides."""
COUNTS_KEEP = timedelta(days=400)
EVERY_SECONDS = 60.0
SELDOM = timedelta(hours=1)
"""Between two looks at partitions, and at what is kept for a day or longer: an hour more makes no difference
there, and large tables are not read through every minute."""
_MONDAY = datetime.fromisoformat("2024-01-01T00:00:00+00:00")

log = structlog.get_logger(__name__)


async def run(database: Database, rules: Sequence[Rule], stop: asyncio.Event) -> None:
    """What is over is deleted, partitions are made ahead of time, until `stop`.

    Safe in any number of processes.
    """
    seldom_at: datetime | None = None
    while not stop.is_set():
        now = utc_now()
        try:
            if seldom_at is None or now - seldom_at >= SELDOM:
                await tidy(database, now, rules)
                seldom_at = now
            else:
                await retention.enforce(database, short_lived((*RULES, *rules)), now)
        except Exception as error:
            log.warning("maintenance is tried again", error=type(error).__name__, detail=str(error)[:200])
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def tidy(database: Database, now: datetime, rules: Sequence[Rule] = ()) -> None:
    """One full round: partitions, and all that is over."""
    await _make_partitions(database, now)
    await retention.enforce(database, (*RULES, *rules), now)


def short_lived(rules: Sequence[Rule]) -> Sequence[Rule]:
    """Those of what is kept for less than a day."""
    return [rule for rule in rules if rule.kept < timedelta(days=1)]


async def _make_partitions(database: Database, now: datetime) -> None:
    for table in ("outbox", "inbox"):
        async with database.transaction() as tx:
            # One process at a time; waiting for another's lock would only repeat its work.
            if await _is_ours(tx, table):
                await _add_partitions(tx, table, now)


def _old_partitions(table: str, keeps: timedelta) -> Delete:
    """Drops the weeks that are over: all of a week's rows are one deletion, and counted as estimated."""

    async def drop(tx: Transaction, now: datetime, _most: int) -> int:
        return await _drop_partitions(tx, table, now - keeps) if await _is_ours(tx, table) else 0

    return drop


def _statement(text_of_it: str, **kept: timedelta) -> Delete:
    """Deletes by a statement with `:rows` (at most) and, for each of `kept`, the time or id of that age."""
    statement = text(text_of_it)

    async def delete(tx: Transaction, now: datetime, most: int) -> int:
        values: dict[str, object] = {"rows": most}
        for name, age in kept.items():
            values[name] = lowest_at(now - age) if name.startswith("id") else now - age
        return (await tx.execute(statement, values)).rowcount

    return delete


# Republished facts, older than any partition: sent, they are of no more use. Younger ones lie in the default
# partition where a week began without one of its own, and stay for a replay as long as the others.
_OUTBOX_DEFAULT = """
    DELETE FROM outbox_default WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM outbox_default WHERE published_at < :sent AND id < :id LIMIT :rows))
"""
_INBOX_DEFAULT = """
    DELETE FROM inbox_default WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM inbox_default WHERE event_id < :id LIMIT :rows))
"""
_DEAD_LETTERS = """
    DELETE FROM dead_letter WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM dead_letter WHERE state <> 'open' AND decided_at < :decided LIMIT :rows))
"""
_COUNTS = """
    DELETE FROM retention_done WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM retention_done WHERE last_at < :counted LIMIT :rows))
"""
RULES = (
    Rule(
        "events as they were sent",
        "outbox",
        OUTBOX_KEEPS,
        "they were recorded; by whole weeks",
        "a stream that is lost is filled again",
        _old_partitions("outbox", OUTBOX_KEEPS),
    ),
    Rule(
        "events that were told again",
        "outbox_default",
        OUTBOX_KEEPS,
        "they happened; a day after they were sent",
        "the same",
        _statement(_OUTBOX_DEFAULT, sent=timedelta(days=1), id=OUTBOX_KEEPS),
    ),
    Rule(
        "ids of events that were applied",
        "inbox",
        INBOX_KEEPS,
        "they happened; by whole weeks",
        "each event has its effect once",
        _old_partitions("inbox", INBOX_KEEPS),
    ),
    Rule(
        "ids of older events that were applied",
        "inbox_default",
        INBOX_KEEPS,
        "they happened",
        "the same",
        _statement(_INBOX_DEFAULT, id=INBOX_KEEPS),
    ),
    Rule(
        "answers to repeated requests",
        "idempotency",
        idempotency.KEPT,
        "they were given",
        "a request that is sent twice has one effect",
        _statement(idempotency.PURGE, given=idempotency.KEPT),
    ),
    Rule(
        "dead letters",
        "dead_letter",
        DEAD_LETTERS_KEEP,
        "somebody decided about them; open ones stay until then",
        "what went wrong can be looked up",
        _statement(_DEAD_LETTERS, decided=DEAD_LETTERS_KEEP),
    ),
    Rule(
        "counts of what was deleted",
        "retention_done",
        COUNTS_KEEP,
        "the day was over",
        "operators show that these periods are kept",
        _statement(_COUNTS, counted=COUNTS_KEEP),
    ),
)
"""Of every service."""
KEPT = {
    "erased_person": "nobody is brought back by a restore or by what comes late; an id that leads to nobody",
    "retention_failure": "until the rule that fails does so no more; about nobody",
    "consumer_pause": "until an operator lets the consumer go on; about nobody",
}
"""Tables without a period, and why."""


async def _is_ours(tx: Transaction, table: str) -> bool:
    await tx.execute(text("SET LOCAL lock_timeout = '2s'"))
    locked = await tx.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtext(:n))"), {"n": f"maintenance {table}"}
    )
    return bool(locked.scalar_one())


def _week_of(at: datetime) -> datetime:
    return _MONDAY + (at - _MONDAY) // WEEK * WEEK


async def _partitions(tx: Transaction, table: str) -> set[str]:
    rows = await tx.execute(
        text(
            "SELECT CAST(CAST(inhrelid AS regclass) AS text) FROM pg_inherits"
            " WHERE inhparent = CAST(:t AS regclass)"
        ),
        {"t": table},
    )
    return set(rows.scalars())


async def _add_partitions(tx: Transaction, table: str, now: datetime) -> None:
    existing = await _partitions(tx, table)
    for week in range(-1, WEEKS_AHEAD + 1):
        start = _week_of(now) + week * WEEK
        name = f"{table}_{start:%Y%m%d}"
        if name in existing:
            continue
        low, high = lowest_at(start), lowest_at(start + WEEK)
        if await _default_has_rows_between(tx, table, low, high):
            continue  # the week began without us; its rows stay in the default partition
        await tx.execute(
            text(f"""
                CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{low}') TO ('{high}')
                WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000)
            """)
        )


async def _default_has_rows_between(tx: Transaction, table: str, low: object, high: object) -> bool:
    column = "id" if table == "outbox" else "event_id"
    found = await tx.execute(
        text(f"SELECT 1 FROM {table}_default WHERE {column} >= :low AND {column} < :high LIMIT 1"),  # noqa: S608
        {"low": low, "high": high},
    )
    return found.first() is not None


async def _drop_partitions(tx: Transaction, table: str, before: datetime) -> int:
    """How many rows went with them, as the server estimates; one at least for each."""
    dropped = 0
    for name in sorted(await _partitions(tx, table)):
        week = name.removeprefix(f"{table}_")
        if not week.isdigit() or datetime.fromisoformat(f"{week}T00:00:00+00:00") + WEEK > before:
            continue
        if table == "outbox":
            waiting = await tx.execute(text(f"SELECT 1 FROM {name} WHERE published_at IS NULL LIMIT 1"))  # noqa: S608
            if waiting.first() is not None:
                log.error("an old outbox partition still holds unpublished events; kept", partition=name)
                continue
        dropped += await tx.scalar(_ESTIMATE, {"name": name}) or 1
        await tx.execute(text(f"DROP TABLE {name}"))
    return dropped


_ESTIMATE = text(
    "SELECT greatest(CAST(reltuples AS bigint), 1) FROM pg_class WHERE oid = CAST(:name AS regclass)"
)
