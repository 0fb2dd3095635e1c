"""The log of messages: what became of each, why something came or did not, and what is sent again.

It holds no address and no text: a recipient is a shop or a person by id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.ids import new_id
from services.notifications.delivery.domain import State
from services.notifications.delivery.queue import UNDELIVERED
from services.notifications.delivery.tables import decision, delivery, replay_log
from services.notifications.feed.tables import notification

_GOES_ALONG = (decision.c.delivery_id == delivery.c.id) & decision.c.left_out.is_(None)
_NEWS = select(notification.c.kind).where(notification.c.id == decision.c.notification_id, _GOES_ALONG)
_SHOWN = (
    *(each for each in delivery.c if each.name != "traceparent"),
    func.array(_NEWS.distinct().order_by(notification.c.kind).correlate(delivery).scalar_subquery()).label(
        "kinds"
    ),
)


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


async def fates_of(connection: AsyncConnection, notification_id: UUID) -> Sequence[Fate]:
    """One for each channel there was when it was told."""
    return [Fate(*row) for row in await connection.execute(_FATES, {"id": notification_id})]


class Wanted(NamedTuple):
    """Which messages of the log; what is None is not asked for."""

    state: State | None = None
    channel: str | None = None
    kind: str | None = None
    """A message with at least one piece of news of it."""
    recipient_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    """From when to when, `until` not included, it ended, or is due where it did not."""

    def conditions(self) -> list[ColumnElement[bool]]:
        moment = func.coalesce(delivery.c.finished_at, delivery.c.due_at)
        found: list[ColumnElement[bool] | None] = [
            # A name of ours, written out, so that the index of what failed serves.
            text(f"delivery.state = '{self.state.value}'") if self.state else None,  # type: ignore[list-item]
            delivery.c.channel == self.channel if self.channel else None,
            exists(_NEWS.where(notification.c.kind == self.kind)) if self.kind else None,
            delivery.c.recipient_id == self.recipient_id if self.recipient_id else None,
            moment >= self.since if self.since else None,
            moment < self.until if self.until else None,
        ]
        return [each for each in found if each is not None]


async def listed(
    connection: AsyncConnection, wanted: Wanted, before: tuple[datetime, UUID] | None, most: int
) -> Sequence[Mapping[str, Any]]:
    """Messages, the newest first."""
    query: Select[Any] = select(*_SHOWN).where(*wanted.conditions())
    if before is not None:
        query = query.where(tuple_(delivery.c.created_at, delivery.c.id) < before)
    query = query.order_by(delivery.c.created_at.desc(), delivery.c.id.desc()).limit(most)
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def found(connection: AsyncConnection, delivery_id: UUID) -> Mapping[str, Any] | None:
    """One message, with its news and what decided about each."""
    query = select(*_SHOWN).where(delivery.c.id == delivery_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    news = (await connection.execute(_OF_MESSAGE, {"id": delivery_id})).mappings().all()
    return {**row, "news": [dict(each) for each in news]}


class Span(NamedTuple):
    """One message (`delivery`), or those that ended from `since` on and before `until`."""

    delivery: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def undelivered(connection: AsyncConnection, of: Span) -> int:
    """How many never arrived, and have something left to say."""
    return int(await connection.scalar(_COUNT, of._asdict()) or 0)


async def replay(tx: Transaction, now: datetime, of: Span, *, by: UUID, most: int | None = None) -> int:
    """Send again what never arrived, `most` at once, the oldest first; how many. Who did it is kept.

    Of those whose news went along with a later digest nothing is left to send. The others keep their ids: who
    got one after all gets a copy under the same Message-ID.
    """
    again = (await tx.execute(_REPLAY, {**of._asdict(), "now": now, "most": most})).rowcount
    if again:
        entry = {
            "id": new_id(),
            "at": now,
            "by_person": by,
            "delivery_id": of.delivery,
            "since": of.since,
            "until": of.until,
            "deliveries": again,
        }
        await tx.execute(insert(replay_log).values(entry))
    return again


async def replays(
    connection: AsyncConnection, before: tuple[datetime, UUID] | None, most: int
) -> Sequence[Mapping[str, Any]]:
    """Who had what sent again, the newest first."""
    place = tuple_(replay_log.c.at, replay_log.c.id)
    query = select(replay_log).order_by(replay_log.c.at.desc(), replay_log.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(place < before)
    return [dict(row) for row in (await connection.execute(query)).mappings()]


_FATES = text("""
    SELECT decision.channel, rules, decided_at, left_out, delivery_id, "window", state, due_at,
           attempts, reason, finished_at
    FROM decision LEFT JOIN delivery ON delivery.id = delivery_id
    WHERE notification_id = :id ORDER BY decision.channel
""")
_OF_MESSAGE = text("""
    SELECT notification_id, notification.kind, rules, decided_at, left_out
    FROM decision JOIN notification ON notification.id = notification_id
    WHERE delivery_id = :id ORDER BY notification.sequence
""")
_LEFT_TO_SEND = f"""
    {UNDELIVERED}
      AND EXISTS (SELECT FROM decision WHERE delivery_id = delivery.id AND left_out IS NULL)
      AND (id = CAST(:delivery AS uuid)
           OR finished_at >= CAST(:since AS timestamptz) AND finished_at < CAST(:until AS timestamptz))
"""
_COUNT = text(f"SELECT count(*) FROM delivery WHERE {_LEFT_TO_SEND}")  # noqa: S608  nobody's text
_REPLAY = text(f"""
    UPDATE delivery
    SET state = 'pending', due_at = :now, finished_at = NULL, reason = NULL, refused_since = NULL
    WHERE id IN (
        SELECT id FROM delivery WHERE {_LEFT_TO_SEND}
        ORDER BY finished_at, id LIMIT CAST(:most AS integer) FOR UPDATE
    )
""")  # noqa: S608  nobody's text
