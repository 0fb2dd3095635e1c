"""Closes months: what is public of one a week after its end is published, and stays as it is published.

Who is erased or takes something back afterwards stays in the sum of a group of five or more, which is about
nobody. (Decision 0039.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Date, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import insert

from chassis.clock import Clock, utc_now
from chassis.database import Database, Transaction, is_infrastructure_error, without_time_limit
from chassis.ids import lowest_at
from services.campaigns.contributions.domain import BRUSSELS
from services.campaigns.open_data.domain import Deed, district_of, published
from services.campaigns.open_data.tables import open_data_month

CLOSED_AFTER = timedelta(days=7)
"""By then officers decided what was held (within 48 hours) and first appeals came."""
LOOK_SECONDS = 600.0
_PORTION = 5_000

log = structlog.get_logger(__name__)


async def run(database: Database, stop: asyncio.Event, clock: Clock = utc_now) -> None:
    """Close what is due, until `stop`; outlives a database that is away."""
    while not stop.is_set():
        try:
            while await close_one(database, clock()):
                pass
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.info("months are closed when the database answers", error=type(error).__name__)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


async def close_one(database: Database, now: datetime) -> bool:
    """Publish a month of a city that is due, the oldest first.

    False where none is, or another process is at it.
    """
    async with database.transaction() as tx:
        if not await tx.scalar(_TRY_LOCK):
            return False
        due = (await tx.execute(_DUE, {"last": last_month(now)})).first()
        if due is None:
            return False
        await without_time_limit(tx)
        cells = published(await _deeds(tx, due.city_id, due.month))
        row = {
            "city_id": due.city_id,
            "month": due.month,
            "cells": [[list(cell.path), cell.counted] for cell in cells],
            "closed_at": now,
        }
        await tx.execute(insert(open_data_month).values(row))
    return True


def last_month(now: datetime) -> date:
    """The first day of the last month that is over for so long."""
    return following((now - CLOSED_AFTER).astimezone(BRUSSELS).date().replace(day=1), -1)


def following(month: date, step: int = 1) -> date:
    """The first day of the next month, or of the one before."""
    number = month.year * 12 + month.month - 1 + step
    return date(number // 12, number % 12 + 1, 1)


async def _deeds(tx: Transaction, city_id: UUID, month: date) -> Sequence[Deed]:
    span: dict[str, Any] = {
        "city": city_id,
        "low": lowest_at(_midnight(month)),
        "high": lowest_at(_midnight(following(month))),
    }
    found: list[Deed] = []
    async with tx.stream(_CONTRIBUTED, span) as result:
        async for rows in result.partitions(_PORTION):
            found += [Deed((kind, district_of(of), shop), who, where) for kind, of, shop, who, where in rows]
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)


_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('campaigns open data', 0))")
_DUE = text("""
    SELECT known.id AS city_id, over.month::date AS month
    FROM known_city AS known
    CROSS JOIN LATERAL (
        SELECT min(day) AS day FROM dashboard_day
        WHERE scope_id = known.id AND kind IN ('review', 'photo', 'video', 'share')) AS first
    CROSS JOIN LATERAL generate_series(date_trunc('month', first.day::timestamp), :last, interval '1 month')
        AS over (month)
    WHERE NOT EXISTS (SELECT FROM open_data_month AS done
                      WHERE done.city_id = known.id AND done.month = over.month::date)
    ORDER BY 2, 1 LIMIT 1
""").bindparams(bindparam("last", type_=Date))
_CONTRIBUTED = text("""
    SELECT made.kind, known.district_ids, known.kind, contributor_id, merchant_id
    FROM contribution AS made JOIN known_merchant AS known ON known.id = made.merchant_id
    WHERE made.id >= :low AND made.id < :high AND made.city_id = :city AND known.setting_version IS NOT NULL
          AND withdrawn_at IS NULL AND standing = 'published' AND counts_for_audience
""").bindparams(*(bindparam(name, type_=Uuid) for name in ("city", "low", "high")))
