"""Remembers what a merchant's newest assessment recommends first, until a notification has named it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.assessment.v1 import AssessmentCompleted


class Step(NamedTuple):
    """A step that a notification names."""

    notification_id: UUID
    step: str


async def remember(tx: Transaction, events: Sequence[Received[AssessmentCompleted]]) -> None:
    """Keep the newest assessment of each merchant, whatever order they arrive in."""
    newest: dict[UUID, tuple[datetime, AssessmentCompleted]] = {}
    for event in events:  # in key order, by time within a key: the last one of a merchant stays
        newest[event.fact.merchant_id] = (event.time, event.fact)
    columns = {
        "merchants": list(newest),
        "cities": [fact.city_id for _, fact in newest.values()],
        "assessments": [fact.assessment_id for _, fact in newest.values()],
        "times": [at for at, _ in newest.values()],
        "steps": [next(iter(fact.recommendations), None) for _, fact in newest.values()],
    }
    await tx.execute(_REMEMBER, columns)


async def take_first_steps(tx: Transaction, notifications: Sequence[tuple[UUID, UUID]]) -> list[Step]:
    """The steps that these (merchant, notification) pairs are the first to name; each is given once."""
    first: dict[UUID, UUID] = {}
    for merchant, notification in notifications:
        first.setdefault(merchant, notification)
    columns = {"merchants": list(first), "notifications": list(first.values())}
    return [Step(*row) for row in await tx.execute(_TAKE, columns)]


def advice_consumer() -> Consumer:
    """Reads what assessments recommend."""
    # The newest assessment wins, however old or repeated the news.
    return Consumer("notifications__advice", (AssessmentCompleted,), remember, horizon=None)


_REMEMBER = text("""
    INSERT INTO advice AS known (merchant_id, city_id, assessment_id, completed_at, step)
    SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:cities AS uuid[]), CAST(:assessments AS uuid[]),
                         CAST(:times AS timestamptz[]), CAST(:steps AS text[]))
    ON CONFLICT (merchant_id) DO UPDATE
    SET city_id = EXCLUDED.city_id, assessment_id = EXCLUDED.assessment_id,
        completed_at = EXCLUDED.completed_at, step = EXCLUDED.step, told_in = NULL
    WHERE (EXCLUDED.completed_at, EXCLUDED.assessment_id) > (known.completed_at, known.assessment_id)
""")
_TAKE = text("""
    WITH due AS (
        SELECT merchant_id, notification_id
        FROM unnest(CAST(:merchants AS uuid[]), CAST(:notifications AS uuid[]))
             AS told (merchant_id, notification_id)
        JOIN advice USING (merchant_id)
        WHERE told_in IS NULL AND step IS NOT NULL
        ORDER BY merchant_id
        FOR UPDATE OF advice
    )
    UPDATE advice SET told_in = due.notification_id FROM due
    WHERE advice.merchant_id = due.merchant_id
    RETURNING due.notification_id, advice.step
""")
