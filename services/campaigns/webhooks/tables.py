"""Endpoints of cities' own systems, what was told to them, and each attempt to do so."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    literal_column,
)

from services.campaigns.metadata import metadata
from services.campaigns.webhooks.domain import Disabled, State

_REASONS = ", ".join(f"'{each}'" for each in Disabled)
_STATES = ", ".join(f"'{each}'" for each in State)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("made_by", Uuid),
    Column("made_at", DateTime(timezone=True), nullable=False),
    # Sealed with a key that lies elsewhere (chassis/sealing.py).
    Column("secret", LargeBinary, nullable=False),
    Column("former_secret", LargeBinary),
    Column("former_until", DateTime(timezone=True)),
    # How it does.
    Column("failures", Integer, nullable=False),
    Column("failing_since", DateTime(timezone=True)),
    Column("rests_until", DateTime(timezone=True)),
    Column("disabled", Text),
    # Who sends to it: one process at a time, until then at most. A process that was killed lets go of it so.
    Column("lease", Uuid),
    Column("leased_until", DateTime(timezone=True)),
    CheckConstraint(f"disabled IN ({_REASONS})", name="disabled"),
    CheckConstraint("(former_secret IS NULL) = (former_until IS NULL)", name="former"),
    CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name="lease"),
    CheckConstraint("(failures = 0) = (failing_since IS NULL)", name="failing"),
    Index("webhook_endpoint_by_city", "city_id", "id"),
)

# Kept for cities that have endpoints, so that what was missed can be sent again.
webhook_message = Table(
    "webhook_message",
    metadata,
    Column("id", Uuid, primary_key=True),  # of the event: what is sent again has the same
    Column("city_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("merchant_id", Uuid),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("webhook_message_by_time", "city_id", "at"),
    Index("webhook_message_of_merchant", "merchant_id"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("endpoint_id", Uuid, ForeignKey("webhook_endpoint.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    Column("next_attempt_at", DateTime(timezone=True)),
    ForeignKeyConstraint(
        ["message_id", "city_id"], ["webhook_message.id", "webhook_message.city_id"], ondelete="CASCADE"
    ),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("(state = 'pending') = (next_attempt_at IS NOT NULL)", name="pending"),
    Index("webhook_delivery_of_endpoint", "endpoint_id", "id"),
    Index("webhook_delivery_once", "endpoint_id", "message_id", unique=True),
    Index("webhook_delivery_of_message", "message_id", "city_id"),
    Index("webhook_delivery_by_time", "queued_at"),
)
# A condition written out: a plan for any parameter cannot use a partial index.
IS_PENDING = webhook_delivery.c.state == literal_column("'pending'")
Index(
    "webhook_delivery_due",
    webhook_delivery.c.endpoint_id,
    webhook_delivery.c.next_attempt_at,
    postgresql_where=IS_PENDING,
)

webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("delivery_id", Uuid, ForeignKey("webhook_delivery.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("status", SmallInteger),
    Column("error", Text),
    Column("answer", Text, nullable=False),  # its start
    CheckConstraint("(status IS NULL) = (error IS NOT NULL)", name="outcome"),
    Index("webhook_attempt_of_delivery", "delivery_id", "id"),
)
