"""Why something came, or did not: what decided about a notice, and what became of its messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.notifications.delivery.queue import UNDELIVERED


class Fate(NamedTuple):
    """What was decided about a notice on one channel, and what became of its message, where there is one."""

    channel: str
    rules: list[str]
    decided_at: datetime
    left_out: str | None
    delivery_id: UUID | None
    window: str | None
    state: str | None
    due_at: datetime | None
    attempts: int | None
    reason: str | None
    finished_at: datetime | None


async def fates_of(connection: AsyncConnection, notification: UUID) -> Sequence[Fate]:
    """One for each channel there was when it was told."""
    return [Fate(*row) for row in await connection.execute(_FATES, {"id": notification})]


async def replay(
    tx: Transaction, now: datetime, *, delivery: UUID | None, since: datetime | None, until: datetime | None
) -> int:
    """Send again what never arrived: one message, or those that ended in a span of time; how many.

    Of those whose news went along with a later digest nothing is left to send. The others keep their ids: who
    got one after all gets a copy under the same Message-ID.
    """
    values = {"now": now, "id": delivery, "since": since, "until": until}
    return (await tx.execute(_REPLAY, values)).rowcount


_FATES = text("""
    SELECT decision.channel, rules, decided_at, left_out, delivery_id, "window", state, due_at,
           attempts, reason, finished_at
    FROM decision LEFT JOIN delivery ON delivery.id = delivery_id
    WHERE notification_id = :id ORDER BY decision.channel
""")
_REPLAY = text(f"""
    UPDATE delivery
    SET state = 'pending', due_at = :now, finished_at = NULL, reason = NULL, refused_since = NULL
    WHERE {UNDELIVERED}
      AND EXISTS (SELECT FROM decision WHERE delivery_id = delivery.id AND left_out IS NULL)
      AND (id = CAST(:id AS uuid)
           OR finished_at >= CAST(:since AS timestamptz) AND finished_at < CAST(:until AS timestamptz))
""")  # noqa: S608  no part of it is anybody's text
