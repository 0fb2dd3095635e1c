"""A shop is reminded to assess itself again: once for each assessment, and not where a newer one is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database
from chassis.history import Source
from chassis.outbox import record
from contracts.assessment.v1 import ReassessmentDue
from contracts.envelope import Event, Fact
from services.assessment.progress.tables import reassessments_due

DUE_AFTER_MONTHS = 6
"""A season for a plan (twelve weeks), and one for it to show."""
NOT_AFTER = timedelta(days=60)
"""What was due longer ago is told no more: a service that begins to remind does not write to all at once."""
AT_ONCE = 500


async def remind(database: Database, now: datetime) -> int:
    """Tell of those that are due; how many. Safe in any number of processes, however often."""
    async with database.transaction() as tx:
        values = {"now": now, "months": DUE_AFTER_MONTHS, "late": NOT_AFTER}
        rows = [{**row, "told_at": now} for row in (await tx.execute(_DUE, values)).mappings()]
        if not rows:
            return 0
        new = insert(reassessments_due).on_conflict_do_nothing().returning(reassessments_due)
        told = (await tx.execute(new, rows)).mappings().all()
        await record(tx, *(_event_of(row) for row in told))
        return len(told)


def _event_of(row: Any) -> Event[Fact]:
    fact: Fact = ReassessmentDue(
        city_id=row["city_id"],
        assessment_id=row["assessment_id"],
        merchant_id=row["merchant_id"],
        assessed_at=row["completed_at"],
    )
    return Event.of(fact, row["told_at"])


# Of each shop the newest one alone; a shop that is closed is left in peace.
_DUE = text(f"""
    SELECT a.id AS assessment_id, a.city_id, a.merchant_id, a.completed_at
      FROM assessments a JOIN merchants m USING (merchant_id)
     WHERE a.completed_at <= CAST(:now AS timestamptz) - make_interval(months => CAST(:months AS integer))
       AND a.completed_at > CAST(:now AS timestamptz) - make_interval(months => CAST(:months AS integer))
                            - CAST(:late AS interval)
       AND m.listed_version > 0 AND m.closed_version < m.listed_version
       AND NOT EXISTS (SELECT FROM reassessments_due d WHERE d.assessment_id = a.id)
       AND NOT EXISTS (
           SELECT FROM assessments newer
            WHERE newer.merchant_id = a.merchant_id
              AND (newer.completed_at, newer.id) > (a.completed_at, a.id))
     ORDER BY a.id LIMIT {AT_ONCE}
""")  # noqa: S608  a constant

HISTORY = (
    Source(
        select(reassessments_due).order_by(reassessments_due.c.told_at, reassessments_due.c.assessment_id),
        _event_of,
    ),
)
"""Who was reminded."""
