"""python -m services.campaigns.dashboard.rebuild

Counts all that a city sees anew from the facts, with the settings of the service, which may be running:
nobody waits for it but the sums themselves, which stand still meanwhile.

It reads the facts as they were at one moment, and drops the steps that were waiting at that moment: those
that came later are added afterwards. Each fact is counted by the same statement as ever.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database, without_time_limit
from chassis.ids import lowest_at
from services.campaigns.dashboard.counting import LOCK, UNLOCK, add
from services.campaigns.dashboard.tables import (
    dashboard_active,
    dashboard_ambassador,
    dashboard_day,
    dashboard_shop,
    dashboard_step,
)

Report = Callable[[str], Any]
_PORTION = timedelta(days=7)
_BATCH = 10_000
_COUNTED_ANEW = dashboard_step, dashboard_day, dashboard_shop, dashboard_ambassador, dashboard_active


async def rebuild(database: Database, report: Report) -> int:
    """All in one transaction, a week of contributions at a time; how many facts were counted."""
    async with _alone(database):
        engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
        async with engine.connect() as tx, tx.begin():
            await without_time_limit(tx)
            for table in _COUNTED_ANEW:
                await tx.execute(delete(table))
            counted = 0
            async for said, statement, values in _portions(tx):
                await tx.execute(statement, values)
                while (some := await add(tx, _BATCH)) > 0:
                    counted += some
                report(f"{said}: {counted:,} sums of a day, a shop and a person so far\n")
    return counted


async def _portions(tx: AsyncConnection) -> AsyncIterator[tuple[str, Any, dict[str, Any]]]:
    """What is told of it, and the statement that makes its steps."""
    first, last = (await tx.execute(_SPAN)).one()
    for begin, end in _weeks(first, last) if first else ():
        values = {"low": lowest_at(begin), "high": lowest_at(end)}
        yield f"contributions until {end:%Y-%m-%d}", _CONTRIBUTIONS, values
    yield "follows", _FOLLOWS, {}
    yield "visits", _VISITS, {}


def _weeks(first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    while first <= last:
        yield first, first + _PORTION
        first += _PORTION


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


_SPAN = text("SELECT min(posted_at), max(posted_at) FROM contribution")
_CONTRIBUTIONS = text("""
    INSERT INTO dashboard_step
    SELECT city_id, campaign_id, merchant_id, contributor_id, kind,
           (posted_at AT TIME ZONE 'Europe/Brussels')::date, count(*)
    FROM contribution
    WHERE id >= :low AND id < :high
          AND withdrawn_at IS NULL AND standing = 'published' AND counts_for_audience
    GROUP BY 1, 2, 3, 4, 5, 6
""")
_FOLLOWS = text("""
    INSERT INTO dashboard_step
    SELECT city_id, NULL, merchant_id, NULL, 'follow', (followed_at AT TIME ZONE 'Europe/Brussels')::date,
           count(*)
    FROM following WHERE unfollowed_at IS NULL GROUP BY 1, 3, 6
""")
_VISITS = text("""
    INSERT INTO dashboard_step
    SELECT city_id, campaign_id, merchant_id, NULL, 'visit-' || kind, day, visits FROM visit_day
""")


if __name__ == "__main__":
    from chassis.settings import ServiceSettings, load

    async def _run(settings: ServiceSettings) -> None:
        database = Database(settings)
        try:
            await rebuild(database, sys.stdout.write)
        finally:
            await database.close()

    class _Settings(ServiceSettings):
        service_name: str = "campaigns"

    asyncio.run(_run(load(_Settings)))
