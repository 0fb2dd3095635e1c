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
from services.notifications.recipients import Recipient, RecipientKind, as_arrays, as_values


class Entry(NamedTuple):
    """One notification of a feed."""

    id: UUID
    recipient: Recipient
    sequence: int
    kind: str
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


async def newest(
    connection: AsyncConnection, recipient: Recipient, before: int | None, limit: int
) -> Sequence[Entry]:
    """Newest first, from below the sequence `before`."""
    columns = {**as_values(recipient), "before": before, "limit": limit}
    return [_entry(row) for row in await connection.execute(_NEWEST, columns)]


async def unread_count(connection: AsyncConnection, recipient: Recipient) -> int:
    """How many nobody has read yet."""
    return int((await connection.execute(_UNREAD, as_values(recipient))).scalar_one())


async def last_sequence(connection: AsyncConnection, recipient: Recipient) -> int:
    """The highest number of the feed that is visible; 0 for an empty one."""
    return int((await connection.execute(_LAST, as_values(recipient))).scalar_one())


async def find(connection: AsyncConnection, notification: UUID) -> Entry | None:
    """One notification, or None."""
    row = (await connection.execute(_FIND, {"id": notification})).one_or_none()
    return _entry(row) if row else None


def _entry(row: Sequence[Any]) -> Entry:
    kind, recipient_id, identifier, *rest = row
    return Entry(identifier, Recipient(RecipientKind(kind), recipient_id), *rest)


async def mark_read(tx: Transaction, notification: UUID, at: datetime) -> None:
    """Note that somebody has read it; the first time stands. Of a merchant's it is told.

    What a person reads is nobody else's business, and a person has no name on the bus.
    """
    for row in (await tx.execute(_READ, {"id": notification, "at": at})).mappings():
        if row["recipient_kind"] == RecipientKind.merchant:
            await outbox.record(tx, _opened(row))


def _opened(row: Mapping[Any, Any]) -> Event[Fact]:
    fact = NotificationOpened(
        city_id=row["city_id"],
        notification_id=row["id"],
        merchant_id=row["recipient_id"],
        kind=row["kind"],
    )
    return Event.of(fact, row["read_at"])


class Position(NamedTuple):
    """How far a reader of a stream has come."""

    reader: int
    recipient: Recipient
    after: int


async def later(
    connection: AsyncConnection, positions: Sequence[Position], limit: int
) -> list[tuple[int, Entry]]:
    """What comes after each position, at most `limit` each, in order of sequence: one query for all."""
    columns = {
        "readers": [each.reader for each in positions],
        **as_arrays([each.recipient for each in positions]),
        "afters": [each.after for each in positions],
        "limit": limit,
    }
    return [(row[0], _entry(row[1:])) for row in await connection.execute(_LATER, columns)]


_COLUMNS = "recipient_kind, recipient_id, id, sequence, kind, data, created_at, read_at"
_WHOSE = "recipient_kind = :recipient_kind AND recipient_id = :recipient_id"
_NEWEST = text(f"""
    SELECT {_COLUMNS} FROM notification
    WHERE {_WHOSE} AND (CAST(:before AS bigint) IS NULL OR sequence < :before)
    ORDER BY sequence DESC LIMIT :limit
""")  # noqa: S608  a constant
_UNREAD = text(f"SELECT count(*) FROM notification WHERE {_WHOSE} AND read_at IS NULL")  # noqa: S608  a constant
_LAST = text(f"SELECT coalesce(max(sequence), 0) FROM notification WHERE {_WHOSE}")  # noqa: S608  a constant
_FIND = text(f"SELECT {_COLUMNS} FROM notification WHERE id = :id")  # noqa: S608  a constant
_READ = text("""
    UPDATE notification SET read_at = :at WHERE id = :id AND read_at IS NULL
    RETURNING id, city_id, recipient_kind, recipient_id, kind, read_at
""")
_OPENED = text("""
    SELECT id, city_id, recipient_id, kind, read_at FROM notification
    WHERE recipient_kind = 'merchant' AND read_at IS NOT NULL ORDER BY read_at, id
""")
HISTORY = (Source(_OPENED, _opened),)
_LATER = text(f"""
    SELECT place.reader, entry.*
    FROM unnest(CAST(:readers AS integer[]), CAST(:recipient_kinds AS text[]),
                CAST(:recipient_ids AS uuid[]), CAST(:afters AS bigint[]))
         AS place (reader, recipient_kind, recipient_id, after),
    LATERAL (
        SELECT {_COLUMNS} FROM notification
        WHERE notification.recipient_kind = place.recipient_kind
          AND notification.recipient_id = place.recipient_id AND sequence > place.after
        ORDER BY sequence LIMIT :limit
    ) AS entry
    ORDER BY place.reader, entry.sequence
""")  # noqa: S608  a constant
