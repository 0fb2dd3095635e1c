"""Reads feeds: pages, what is unread, and what came after a certain sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from contracts.envelope import Event, Fact
from contracts.notifications.v1 import NotificationOpened


class Entry(NamedTuple):
    """One notification of a merchant's feed."""

    id: UUID
    merchant_id: UUID
    sequence: int
    kind: str
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


async def newest(
    connection: AsyncConnection, merchant: UUID, before: int | None, limit: int
) -> Sequence[Entry]:
    """Newest first, from below the sequence `before`."""
    columns = {"merchant": merchant, "before": before, "limit": limit}
    return [Entry(*row) for row in await connection.execute(_NEWEST, columns)]


async def unread_count(connection: AsyncConnection, merchant: UUID) -> int:
    """How many nobody has read yet."""
    return int((await connection.execute(_UNREAD, {"merchant": merchant})).scalar_one())


async def last_sequence(connection: AsyncConnection, merchant: UUID) -> int:
    """The highest number of the feed that is visible; 0 for an empty one."""
    return int((await connection.execute(_LAST, {"merchant": merchant})).scalar_one())


async def find(connection: AsyncConnection, notification: UUID) -> Entry | None:
    """One notification, or None."""
    row = (await connection.execute(_FIND, {"id": notification})).one_or_none()
    return Entry(*row) if row else None


async def mark_read(tx: Transaction, notification: UUID, at: datetime) -> None:
    """Note that somebody has read it, and tell it; the first time stands."""
    for row in (await tx.execute(_READ, {"id": notification, "at": at})).mappings():
        await outbox.record(tx, _opened(row))


def _opened(row: Mapping[Any, Any]) -> Event[Fact]:
    fact = NotificationOpened(
        city_id=row["city_id"],
        notification_id=row["id"],
        merchant_id=row["merchant_id"],
        kind=row["kind"],
    )
    return Event.of(fact, row["read_at"])


class Position(NamedTuple):
    """How far a reader of a stream has come."""

    reader: int
    merchant_id: UUID
    after: int


async def later(
    connection: AsyncConnection, positions: Sequence[Position], limit: int
) -> list[tuple[int, Entry]]:
    """What comes after each position, at most `limit` each, in order of sequence: one query for all."""
    columns = {
        "readers": [each.reader for each in positions],
        "merchants": [each.merchant_id for each in positions],
        "afters": [each.after for each in positions],
        "limit": limit,
    }
    return [(row[0], Entry(*row[1:])) for row in await connection.execute(_LATER, columns)]


_COLUMNS = "id, merchant_id, sequence, kind, data, created_at, read_at"
_NEWEST = text(f"""
    SELECT {_COLUMNS} FROM notification
    WHERE merchant_id = :merchant AND (CAST(:before AS bigint) IS NULL OR sequence < :before)
    ORDER BY sequence DESC LIMIT :limit
""")  # noqa: S608  a constant
_UNREAD = text("SELECT count(*) FROM notification WHERE merchant_id = :merchant AND read_at IS NULL")
_LAST = text("SELECT coalesce(max(sequence), 0) FROM notification WHERE merchant_id = :merchant")
_FIND = text(f"SELECT {_COLUMNS} FROM notification WHERE id = :id")  # noqa: S608  a constant
_READ = text("""
    UPDATE notification SET read_at = :at WHERE id = :id AND read_at IS NULL
    RETURNING id, city_id, merchant_id, kind, read_at
""")
_OPENED = text("""
    SELECT id, city_id, merchant_id, kind, read_at FROM notification
    WHERE read_at IS NOT NULL ORDER BY read_at, id
""")
HISTORY = (Source(_OPENED, _opened),)
_LATER = text("""
    SELECT place.reader, entry.*
    FROM unnest(CAST(:readers AS integer[]), CAST(:merchants AS uuid[]), CAST(:afters AS bigint[]))
         AS place (reader, merchant_id, after),
    LATERAL (
        SELECT id, merchant_id, sequence, kind, data, created_at, read_at FROM notification
        WHERE notification.merchant_id = place.merchant_id AND sequence > place.after
        ORDER BY sequence LIMIT :limit
    ) AS entry
    ORDER BY place.reader, entry.sequence
""")
