"""A recommended step that no notification has named within a week is told by itself.

Most are named by the first news after the assessment, so that a merchant gets one message and not two.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from chassis.database import Database
from services.notifications.feed.notify import Notice, notify
from services.notifications.merchants.claimed import ACTIVE
from services.notifications.recipients import to_merchant

WAIT = timedelta(days=7)
NEWS = timedelta(days=60)
"""After that the step of an assessment waits for the next news."""
AT_ONCE = 500


async def tell_next_steps(database: Database, now: datetime) -> int:
    """Tell those that are due; returns how many. Any number of processes may do so at once."""
    told = 0
    while True:
        async with database.transaction() as tx:
            columns = {"from": now - NEWS, "until": now - WAIT, "limit": AT_ONCE}
            due = (await tx.execute(_DUE, columns)).all()
            new = await notify(
                tx,
                [
                    Notice(
                        city_id=each.city_id,
                        recipient=to_merchant(each.merchant_id),
                        kind="next-step",
                        reason=str(each.assessment_id),
                        data={"assessment_id": str(each.assessment_id)},
                        caused_at=each.completed_at,
                        traceparent=None,
                    )
                    for each in due
                ],
            )
        told += len(new)
        if len(due) < AT_ONCE or not new:
            return told


# Locks nothing: what another process tells at the same time is the same notification.
_DUE = text(f"""
    SELECT advice.merchant_id, advice.city_id, assessment_id, completed_at
    FROM advice JOIN merchant USING (merchant_id)
    WHERE told_in IS NULL AND step IS NOT NULL AND {ACTIVE}
      AND completed_at > :from AND completed_at <= :until
    ORDER BY advice.merchant_id LIMIT :limit
""")  # noqa: S608  a constant
