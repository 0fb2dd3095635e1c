"""Pages that told us that they mention a shop, and what came of looking."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, Text, UniqueConstraint, Uuid

from services.campaigns.metadata import metadata


class State(StrEnum):
    WAITING = "waiting"
    SHOWN = "shown"
    REFUSED = "refused"
    """It does not link to the shop, or cannot be read."""
    GONE = "gone"
    """It did, and does so no more."""


_STATES = ", ".join(f"'{state}'" for state in State)

webmention = Table(
    "webmention",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("post_id", Uuid),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True)),  # none: it is looked at again when it is sent again
    Column("looked_at", DateTime(timezone=True)),
    Column("failures", Integer, nullable=False),
    UniqueConstraint("source", "target", name="webmention_once"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("state <> 'shown' OR post_id IS NOT NULL", name="shown_is_a_post"),
    Index("webmention_due", "due_at", "id"),
    Index("webmention_by_city", "city_id", "id"),
    Index("webmention_by_merchant", "merchant_id"),
)
