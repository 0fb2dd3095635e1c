"""Counts, once a week is over, what came of what each ambassador did in it. Any number of processes may.

Only what is public of shops is counted: that one assessed itself is its own business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.clock import Clock, utc_now
from chassis.database import Database, is_infrastructure_error
from chassis.history import Source
from chassis.identity import Principal
from chassis.ids import lowest_at, new_id
from chassis.personal_data import Holding, Rows, kept, rows
from contracts.campaigns.v1 import AmbassadorWeekCounted
from contracts.envelope import Event
from services.campaigns.contributions.domain import BRUSSELS, brussels_day
from services.campaigns.contributors import pseudonym_of
from services.campaigns.metadata import metadata

POLL_SECONDS = 300.0
TOLD_AT = time(6)
"""On Mondays, before the first digest of the day."""
AT_ONCE = 500
WEEK = timedelta(weeks=1)
log = structlog.get_logger(__name__)

ambassador_week = Table(
    "ambassador_week",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("week", Date, nullable=False),  # its Monday, in Brussels
    Column("contributions", Integer, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("visits", BigInteger, nullable=False),
    Column("claims", Integer, nullable=False),
    Column("photos_reused", Integer, nullable=False, server_default=text("0")),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("contributor_id", "city_id", "week"),
    Index("ambassador_week_by_time", "at"),
)


async def run(database: Database, stop: asyncio.Event, clock: Clock = utc_now) -> None:
    """Look every few minutes whether a week is over, until `stop`; outlives a database that is away."""
    counted: date | None = None
    while not stop.is_set():
        try:
            now = clock()
            if (week := week_over(now)) != counted:
                await count_week(database, week, now)
                counted = week
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.warning("weeks wait for the database", error=type(error).__name__)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL_SECONDS)


def week_over(now: datetime) -> date:
    """The Monday of the last week that is to be told of."""
    day = brussels_day(now)
    monday = day - timedelta(days=day.weekday())
    is_told = now >= datetime.combine(monday, TOLD_AT, BRUSSELS)
    return monday - WEEK if is_told else monday - 2 * WEEK


async def count_week(database: Database, week: date, now: datetime) -> int:
    """Keep and tell that week of each person and city where something came of it; how many it was."""
    since, until = (datetime.combine(day, time(), BRUSSELS) for day in (week, week + WEEK))
    span = {"since": since, "until": until, "first": lowest_at(since), "end": lowest_at(until)}
    columns = {**span, "monday": week, "next": week + WEEK}
    async with database.connection() as connection:
        found = (await connection.execute(_CAME, columns)).mappings().all()
    told = 0
    for start in range(0, len(found), AT_ONCE):
        batch = [{**each, "id": new_id(), "week": week, "at": now} for each in found[start : start + AT_ONCE]]
        told += await _tell(database, batch)
    return told


async def _tell(database: Database, batch: Sequence[Mapping[str, Any]]) -> int:
    # Another process may have told some meanwhile.
    once = insert(ambassador_week).values(batch).on_conflict_do_nothing().returning(ambassador_week)
    async with database.transaction() as tx:
        new = (await tx.execute(once)).mappings().all()
        await outbox.record(tx, *(_counted(each) for each in new))
    return len(new)


def _counted(row: Mapping[Any, Any]) -> Event[AmbassadorWeekCounted]:
    fact = AmbassadorWeekCounted(
        city_id=row["city_id"],
        week_id=row["id"],
        contributor_id=row["contributor_id"],
        week=row["week"],
        contributions=row["contributions"],
        answers=row["answers"],
        visits=row["visits"],
        claims=row["claims"],
        photos_reused=row["photos_reused"],
    )
    return Event.of(fact, row["at"])


async def _show(connection: AsyncConnection, principal: Principal) -> Rows:
    week = ambassador_week.c
    counts = week.contributions, week.answers, week.visits, week.claims, week.photos_reused
    shown = select(week.city_id, week.week, *counts)
    own = week.contributor_id.in_(pseudonym_of(principal.person_id))
    return await rows(connection, shown.where(own).order_by(week.week, week.city_id))


HISTORY = (Source(select(ambassador_week).order_by(ambassador_week.c.at, ambassador_week.c.id), _counted),)
HOLDING = Holding("weeks they were thanked for", (), _show, kept)

_CAME = text("""
    WITH public AS NOT MATERIALIZED (  -- each part reads what its own condition leaves of it
        SELECT id, contributor_id, city_id, merchant_id, posted_at FROM contribution
        WHERE withdrawn_at IS NULL AND standing = 'published' AND counts_for_audience
    ), came (contributor_id, city_id, contributions, answers, visits, claims, photos_reused) AS (
        SELECT contributor_id, city_id, count(*), 0, 0, 0, 0 FROM public
        WHERE id >= CAST(:first AS uuid) AND id < CAST(:end AS uuid) GROUP BY 1, 2
        UNION ALL
        SELECT contributor_id, public.city_id, 0, count(*), 0, 0, 0
        FROM answer JOIN public ON public.id = contribution_id
        WHERE answered_at >= :since AND answered_at < :until AND removed_at IS NULL GROUP BY 1, 2
        UNION ALL
        SELECT contributor_id, share_link.city_id, 0, 0, sum(visits), 0, 0
        FROM visit_day JOIN share_link ON share_link.id = subject_id
        WHERE day >= :monday AND day < :next AND visit_day.kind = 'share' GROUP BY 1, 2
        UNION ALL
        SELECT contributor_id, public.city_id, 0, 0, 0, count(DISTINCT merchant_id), 0
        FROM outcome_fact AS claim JOIN public USING (merchant_id)
        WHERE claim.kind = 'claim' AND day >= :monday AND day < :next
          AND CAST(posted_at AT TIME ZONE 'Europe/Brussels' AS date) < day
          AND NOT EXISTS (  -- an account that changes hands is no new one
            SELECT FROM outcome_fact AS earlier
            WHERE earlier.kind = 'claim' AND earlier.merchant_id = claim.merchant_id
              AND earlier.day < claim.day
          )
        GROUP BY 1, 2
        UNION ALL
        SELECT contributor_id, public.city_id, 0, 0, 0, 0, count(*)
        FROM photo JOIN public ON public.id = photo.contribution_id
        WHERE reused_at >= :since AND reused_at < :until GROUP BY 1, 2
    )
    SELECT contributor_id, city_id, CAST(sum(contributions) AS integer) AS contributions,
           CAST(sum(answers) AS integer) AS answers, CAST(sum(visits) AS bigint) AS visits,
           CAST(sum(claims) AS integer) AS claims, CAST(sum(photos_reused) AS integer) AS photos_reused
    FROM came JOIN contributor USING (contributor_id)  -- who was erased is thanked no more
    WHERE NOT EXISTS (
        SELECT FROM ambassador_week AS told WHERE told.contributor_id = came.contributor_id
          AND told.city_id = came.city_id AND told.week = :monday
    )
    GROUP BY contributor_id, city_id
    HAVING sum(contributions) + sum(answers) + sum(visits) + sum(claims) + sum(photos_reused) > 0
    ORDER BY contributor_id, city_id
""")
