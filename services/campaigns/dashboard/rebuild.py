"""python -m services.campaigns.dashboard.rebuild

Counts all that a city sees anew from the facts, with the settings of the service, which may be running:
nobody waits for it but the sums themselves, which stand still meanwhile.

It reads the facts as they were at one moment, and drops the steps that were waiting at that moment: those
that came later are added afterwards. Whole sums are made of whole tables, which takes a small part of the
time that adding step by step would.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import delete, text

from chassis.database import Database, without_time_limit
from services.campaigns.dashboard.counting import EVER, LOCK, UNLOCK
from services.campaigns.dashboard.tables import (
    dashboard_active,
    dashboard_ambassador,
    dashboard_day,
    dashboard_shop,
    dashboard_step,
)

Report = Callable[[str], Any]
_COUNTED_ANEW = dashboard_step, dashboard_day, dashboard_shop, dashboard_ambassador, dashboard_active


async def rebuild(database: Database, report: Report) -> int:
    """All in one transaction; how many sums were made.

    `database` has no longest statement: of two million contributions one takes longer than others may.
    """
    async with _alone(database):
        engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
        async with engine.connect() as tx, tx.begin():
            await without_time_limit(tx)
            for table in _COUNTED_ANEW:
                await tx.execute(delete(table))
            sums = 0
            for said, statement in _STATEMENTS.items():
                report(f"{said} …")
                made = (await tx.execute(statement, {"ever": EVER} if said == _PEOPLE else {})).rowcount
                report(f" {made:,} sums\n")
                sums += made
    return sums


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[None]:
    """Nobody else adds. Held by a session, before the transaction begins and sees what there is."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as session:
        await session.execute(LOCK)
        try:
            yield
        finally:
            await session.execute(UNLOCK)


_FACTS = """
    WITH fact AS (
        SELECT city_id, campaign_id, merchant_id, contributor_id, kind,
               (posted_at AT TIME ZONE 'Europe/Brussels')::date AS day, 1 AS step
        FROM contribution WHERE withdrawn_at IS NULL AND standing = 'published' AND counts_for_audience
        UNION ALL
        SELECT city_id, NULL, merchant_id, NULL, 'follow',
               (followed_at AT TIME ZONE 'Europe/Brussels')::date, 1
        FROM following WHERE unfollowed_at IS NULL
        UNION ALL
        SELECT city_id, campaign_id, merchant_id, NULL, 'visit-' || kind, day, visits FROM visit_day
    ), scoped AS (
        SELECT city_id AS scope_id, fact.* FROM fact
        UNION ALL
        SELECT campaign_id, fact.* FROM fact WHERE campaign_id IS NOT NULL
    )
"""
_PEOPLE = "by person and week"
_STATEMENTS = {
    "by day": text(f"""
        {_FACTS} INSERT INTO dashboard_day (scope_id, city_id, day, kind, counted)
        SELECT scope_id, city_id, day, kind, sum(step) FROM scoped GROUP BY 1, 2, 3, 4
    """),  # noqa: S608  all of it is ours
    "by shop": text(f"""
        {_FACTS} INSERT INTO dashboard_shop (scope_id, merchant_id, kind, city_id, counted)
        SELECT scope_id, merchant_id, kind, city_id, sum(step) FROM scoped
        WHERE merchant_id IS NOT NULL GROUP BY 1, 2, 3, 4
    """),  # noqa: S608
    _PEOPLE: text(f"""
        {_FACTS} INSERT INTO dashboard_ambassador (scope_id, contributor_id, week, counted)
        SELECT scope_id, contributor_id, over.week, sum(step) FROM scoped
        CROSS JOIN LATERAL (VALUES (date_trunc('week', day)::date), (CAST(:ever AS date))) AS over (week)
        WHERE contributor_id IS NOT NULL GROUP BY 1, 2, 3
    """),  # noqa: S608
    "active people by week": text("""
        INSERT INTO dashboard_active (scope_id, week, ambassadors)
        SELECT scope_id, week, count(*) FROM dashboard_ambassador WHERE counted > 0 GROUP BY 1, 2
    """),
}


if __name__ == "__main__":
    from chassis.settings import ServiceSettings, load

    async def _run(settings: ServiceSettings) -> None:
        database = Database(settings, longest_statement=None)
        try:
            await rebuild(database, sys.stdout.write)
        finally:
            await database.close()

    class _Settings(ServiceSettings):
        service_name: str = "campaigns"

    asyncio.run(_run(load(_Settings)))
