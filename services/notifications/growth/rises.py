"""Tells merchants of an unusual rise in the week that is over: once, from what the reaction has counted.

Each week is looked at once, from Monday morning on, some merchants in each transaction; any number of
processes may look, one at a time. One that was down on Monday looks later; of older weeks nobody is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from chassis.database import Database, Transaction
from services.notifications.contributions.domain import local_day
from services.notifications.feed.notify import Notice, notify
from services.notifications.growth.domain import DEEDS, WEEKS_BEFORE, Verdict, judge, monday_of
from services.notifications.merchants.claimed import ACTIVE
from services.notifications.recipients import to_merchant

_LOCAL = ZoneInfo("Europe/Brussels")
_FROM = timedelta(hours=4)
"""After midnight: what was posted on Sunday evening has arrived."""
AT_ONCE = 500
MOST_NAMED = 50
"""Contributions named in a notification. All of them are one call away."""


async def tell_rises(database: Database, now: datetime) -> int:
    """Look at the merchants of the last week that nobody has looked at; returns how many were told."""
    week = monday_of(local_day(now - _FROM)) - timedelta(weeks=1)
    told = 0
    while True:
        async with database.transaction() as tx:
            await tx.execute(_BEGIN, {"week": week})
            row = (await tx.execute(_LOCK, {"week": week})).one_or_none()
            if row is None or row.done_at is not None:  # another process is at it, or it is done
                return told
            merchants = (await tx.execute(_NEXT, {"after": row.after_merchant, "limit": AT_ONCE})).all()
            last = merchants[-1].merchant_id if merchants else row.after_merchant
            done_at = now if len(merchants) < AT_ONCE else None
            await tx.execute(_NOTE, {"week": week, "after": last, "done_at": done_at})
            cities = {each.merchant_id: each.city_id for each in merchants}
            told += len(await notify(tx, await _rises(tx, week, cities)))
        if done_at is not None:
            return told


async def _rises(tx: Transaction, week: date, cities: dict[UUID, UUID]) -> list[Notice]:
    columns = {"merchants": list(cities), "week": week, "since": week - timedelta(weeks=WEEKS_BEFORE)}
    known: dict[UUID, date] = {row[0]: row[1] for row in await tx.execute(_KNOWN_SINCE, columns)}
    counts: defaultdict[UUID, defaultdict[date, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for merchant, kind, weeks_ago, count in await tx.execute(_COUNTS, columns):
        counts[merchant][week - timedelta(weeks=weeks_ago)][kind] = count
    risen: dict[UUID, list[dict[str, Any]]] = {}
    for merchant, weekly in counts.items():
        judged = judge(weekly, week, known[merchant], after_campaign=False)
        rises = [
            {"kind": each.kind, "count": each.amount, "median": each.own.median}
            for each in judged
            if each.kind in DEEDS and each.own.verdict is Verdict.RISE
        ]
        if rises:
            risen[merchant] = rises
    behind = await _behind(tx, week, risen)
    return [_notice(cities[each], each, week, risen[each], behind[each]) for each in risen]


async def _behind(
    tx: Transaction, week: date, risen: dict[UUID, list[dict[str, Any]]]
) -> dict[UUID, Sequence[UUID]]:
    if not risen:
        return {}
    pairs = [(merchant, rise["kind"]) for merchant, rises in risen.items() for rise in rises]
    merchants, kinds = (list(column) for column in zip(*pairs, strict=True))
    columns = {"merchants": merchants, "kinds": kinds, "week": week, "most": MOST_NAMED}
    return {row[0]: row[1] for row in await tx.execute(_BEHIND, columns)}


def _notice(
    city: UUID, merchant: UUID, week: date, rises: list[dict[str, Any]], behind: Sequence[UUID]
) -> Notice:
    return Notice(
        city_id=city,
        recipient=to_merchant(merchant),
        kind="unusual-rise",
        reason=week.isoformat(),
        data={"week": week.isoformat(), "rises": rises, "contributions": [str(each) for each in behind]},
        caused_at=datetime.combine(week + timedelta(weeks=1), time(), _LOCAL),
        traceparent=None,
    )


_BEGIN = text("INSERT INTO judged_week (week) VALUES (:week) ON CONFLICT DO NOTHING")
_LOCK = text("SELECT after_merchant, done_at FROM judged_week WHERE week = :week FOR UPDATE SKIP LOCKED")
_NOTE = text("UPDATE judged_week SET after_merchant = :after, done_at = :done_at WHERE week = :week")
_NEXT = text(f"""
    SELECT merchant_id, city_id FROM merchant
    WHERE {ACTIVE} AND (CAST(:after AS uuid) IS NULL OR merchant_id > :after)
    ORDER BY merchant_id LIMIT :limit
""")  # noqa: S608  a constant
_STANDS = "day IS NOT NULL AND NOT withdrawn AND NOT removed"
_KNOWN_SINCE = text(f"""
    SELECT merchant_id, min(day) FROM milestone_contribution
    WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND {_STANDS} GROUP BY merchant_id
""")  # noqa: S608  a constant
_COUNTS = text(f"""
    SELECT merchant_id, kind, (CAST(:week AS date) - CAST(date_trunc('week', day) AS date)) / 7, count(*)
    FROM milestone_contribution
    WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND {_STANDS}
      AND day >= :since AND day < CAST(:week AS date) + 7
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")  # noqa: S608  a constant
_BEHIND = text(f"""
    SELECT risen.merchant_id,
           (array_agg(contribution_id ORDER BY contribution_id DESC))[1:CAST(:most AS integer)]
    FROM unnest(CAST(:merchants AS uuid[]), CAST(:kinds AS text[])) AS risen (merchant_id, kind)
    JOIN milestone_contribution USING (merchant_id, kind)
    WHERE {_STANDS} AND day >= :week AND day < CAST(:week AS date) + 7
    GROUP BY risen.merchant_id
""")  # noqa: S608  a constant
