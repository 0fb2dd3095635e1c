"""What merchants and people are told, in the order they are told it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.notifications.metadata import metadata
from services.notifications.recipients import recipient_columns

# The last sequence of each recipient, locked while a notification is added: without it a later number
# could be visible before an earlier one, and a reader who resumes after it would miss the earlier.
feed = Table(
    "feed",
    metadata,
    *recipient_columns(primary_key=True),
    Column("last_sequence", BigInteger, nullable=False),
)

notification = Table(
    "notification",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    *recipient_columns(),
    Column("sequence", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("traceparent", Text),
    UniqueConstraint("recipient_kind", "recipient_id", "sequence"),
    # The effect happens once for its recipient, kind and reason, whatever is delivered again.
    UniqueConstraint("recipient_kind", "recipient_id", "kind", "reason"),
)
Index(
    "notification_unread",
    notification.c.recipient_kind,
    notification.c.recipient_id,
    postgresql_where=text("read_at IS NULL"),
)
