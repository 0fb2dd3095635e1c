"""Which reviews a shop has answered, and the question once a week to answer those that wait.

Told from what this reader has kept by itself, never from the audience, which can be rebuilt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Column, Index, Row, Table, Uuid, text

from chassis.database import Database, Transaction
from chassis.received import Received
from contracts.campaigns.v1 import MerchantAnswered, MerchantAnswerRemoved
from contracts.envelope import Fact
from services.notifications.contributions.domain import REVIEW
from services.notifications.feed.notify import Notice, notify
from services.notifications.growth.domain import monday_of
from services.notifications.merchants.claimed import ACTIVE
from services.notifications.merchants.erased import erased_among
from services.notifications.metadata import metadata
from services.notifications.recipients import to_merchant

LOCAL = ZoneInfo("Europe/Brussels")
GRACE = timedelta(days=3)
"""Before that nobody is reminded: most answer by themselves, or on a quiet day."""
MONTH = timedelta(days=30)
"""An older review is answered to nobody's use."""
AT_ONCE = 500
MOST_NAMED = 20

answer = Table(
    "answer",
    metadata,
    Column("answer_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("contribution_id", Uuid, nullable=False),  # the review
    Column("removed", Boolean, nullable=False),
    Index("answer_to", "contribution_id"),
    Index("answer_of", "merchant_id"),
)


async def keep_answers(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
    """Remember the answers among `events`, in any order: one that was removed stays so."""
    facts = [
        event.fact for event in events if isinstance(event.fact, MerchantAnswered | MerchantAnswerRemoved)
    ]
    gone = await erased_among(tx, [fact.merchant_id for fact in facts]) if facts else set()
    rows = [
        {
            "answer": fact.answer_id,
            "city": fact.city_id,
            "merchant": fact.merchant_id,
            "contribution": fact.contribution_id,
            "removed": isinstance(fact, MerchantAnswerRemoved),
        }
        for fact in sorted(facts, key=lambda fact: fact.answer_id)
        if fact.merchant_id not in gone
    ]
    if rows:
        await tx.execute(_KEEP, rows)


async def ask_for_answers(database: Database, now: datetime) -> int:
    """Ask the shops in whose reviews of the week before something is new that waits; returns how many.

    Each review makes a shop be asked in one week at most, and a shop is asked at most once in a week.
    """
    monday = monday_of(now.astimezone(LOCAL).date())
    before = monday - GRACE
    columns = {
        "review": REVIEW,
        "most": MOST_NAMED,
        "since": before - MONTH,
        "new": before - timedelta(weeks=1),
        "before": before,
    }
    async with database.connection() as connection:
        waiting = (await connection.execute(_WAITING, columns)).all()
    told = 0
    for start in range(0, len(waiting), AT_ONCE):
        async with database.transaction() as tx:
            told += len(await notify(tx, [_notice(row, monday) for row in waiting[start : start + AT_ONCE]]))
    return told


def _notice(row: Row[Any], monday: date) -> Notice:
    return Notice(
        city_id=row.city_id,
        recipient=to_merchant(row.merchant_id),
        kind="answer-needed",
        reason=monday.isoformat(),
        data={
            "about": "reviews",
            "count": row.waiting,
            "merchant_id": str(row.merchant_id),
            "contributions": [str(each) for each in row.reviews],
        },
        caused_at=datetime.combine(monday, time(), LOCAL),
        traceparent=None,
    )


_KEEP = text("""
    INSERT INTO answer AS known (answer_id, city_id, merchant_id, contribution_id, removed)
    VALUES (:answer, :city, :merchant, :contribution, :removed)
    ON CONFLICT (answer_id) DO UPDATE SET removed = known.removed OR EXCLUDED.removed
""")
_WAITING = text(f"""
    SELECT merchant_id, review.city_id, count(*) AS waiting,
           (array_agg(contribution_id ORDER BY contribution_id DESC))[1:CAST(:most AS integer)] AS reviews
    FROM milestone_contribution AS review
    JOIN (SELECT merchant_id FROM merchant WHERE {ACTIVE}) AS open USING (merchant_id)
    WHERE review.kind = :review AND NOT withdrawn AND NOT removed AND day >= :since AND day < :before
      AND NOT EXISTS (
        SELECT 1 FROM answer WHERE answer.contribution_id = review.contribution_id AND NOT answer.removed
      )
    GROUP BY merchant_id, review.city_id HAVING max(day) >= :new
    ORDER BY merchant_id
""")  # noqa: S608  a constant
