"""Adds up what is done, half a second behind it: whoever posts waits for no sum.

Steps are claimed by their being there, never by a cursor: one whose transaction commits late is found late.
They are added, so that any order comes to the same. One process at a time adds; the others find nothing to
do. (Decision 0036.)
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date

import structlog
from sqlalchemy import text

from chassis.database import Database, Transaction, is_infrastructure_error

LOOK_SECONDS = 0.5
"""With what it takes to add, well below the two seconds after which an officer sees what was done."""
BATCH = 5_000
EVER = date(1970, 1, 1)
"""In place of a week: all of them together. No Monday, and so no week."""

log = structlog.get_logger(__name__)


async def run(database: Database, stop: asyncio.Event) -> None:
    """Add until `stop`; outlives a database that is away."""
    while not stop.is_set():
        try:
            while await add_some(database) == BATCH:
                pass
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.info("what is done is counted when the database answers", error=type(error).__name__)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


async def add_some(database: Database, most: int = BATCH) -> int:
    """Add a batch of steps; how many. None where another process is about to."""
    async with database.transaction() as tx:
        if not await tx.scalar(_TRY_LOCK):
            return 0
        return await add(tx, most)


async def add(tx: Transaction, most: int) -> int:
    """The same within a transaction that has `LOCK`."""
    return int(await tx.scalar(_ADD, {"most": most, "ever": EVER}) or 0)


_KEY = "hashtextextended('campaigns dashboard', 0)"
_TRY_LOCK = text(f"SELECT pg_try_advisory_xact_lock({_KEY})")
LOCK, UNLOCK = text(f"SELECT pg_advisory_lock({_KEY})"), text(f"SELECT pg_advisory_unlock({_KEY})")
"""Of a session that adds, and lets nobody else."""
# One statement, which sees the rows as they were before it: that somebody becomes active, or is no longer,
# is seen by comparing with what they had. That is looked up for each: a join would read what all ever had.
_ADD = text("""
    WITH taken AS (
        DELETE FROM dashboard_step WHERE ctid = ANY(ARRAY(SELECT ctid FROM dashboard_step LIMIT :most))
        RETURNING *
    ), scoped AS (
        SELECT city_id AS scope_id, taken.* FROM taken
        UNION ALL
        SELECT campaign_id, taken.* FROM taken WHERE campaign_id IS NOT NULL
    ), days AS (
        INSERT INTO dashboard_day AS known (scope_id, city_id, day, kind, counted)
        SELECT scope_id, city_id, day, kind, sum(step) FROM scoped GROUP BY 1, 2, 3, 4
        ON CONFLICT (scope_id, city_id, day, kind)
        DO UPDATE SET counted = known.counted + excluded.counted
    ), shops AS (
        INSERT INTO dashboard_shop AS known (scope_id, merchant_id, kind, city_id, counted)
        SELECT scope_id, merchant_id, kind, city_id, sum(step) FROM scoped
        WHERE merchant_id IS NOT NULL GROUP BY 1, 2, 3, 4
        ON CONFLICT (scope_id, merchant_id, kind) DO UPDATE SET counted = known.counted + excluded.counted
    ), moved AS (
        SELECT scope_id, contributor_id, over.week, sum(step) AS step
        FROM scoped
        CROSS JOIN LATERAL (VALUES (date_trunc('week', day)::date), (CAST(:ever AS date))) AS over (week)
        WHERE contributor_id IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(step) <> 0
    ), changed AS (
        SELECT scope_id, contributor_id, week, before, before + step AS after
        FROM moved CROSS JOIN LATERAL (
            SELECT coalesce((SELECT counted FROM dashboard_ambassador AS known
                WHERE known.scope_id = moved.scope_id AND known.contributor_id = moved.contributor_id
                      AND known.week = moved.week), 0) AS before) AS known
    ), ambassadors AS (
        INSERT INTO dashboard_ambassador (scope_id, contributor_id, week, counted)
        SELECT scope_id, contributor_id, week, after FROM changed
        ON CONFLICT (scope_id, contributor_id, week) DO UPDATE SET counted = excluded.counted
    ), active AS (
        INSERT INTO dashboard_active AS known (scope_id, week, ambassadors)
        SELECT scope_id, week, sum((after > 0)::integer - (before > 0)::integer) FROM changed
        GROUP BY 1, 2 HAVING sum((after > 0)::integer - (before > 0)::integer) <> 0
        ON CONFLICT (scope_id, week) DO UPDATE SET ambassadors = known.ambassadors + excluded.ambassadors
    )
    SELECT count(*) FROM taken
""")
