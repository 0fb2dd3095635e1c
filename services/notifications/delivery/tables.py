"""What recipients agreed to, and the mails on their way."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from services.notifications.metadata import metadata
from services.notifications.recipients import recipient_columns

preference = Table(
    "preference",
    metadata,
    *recipient_columns(primary_key=True),
    # A merchant's; a person's choice holds in every city.
    Column("city_id", Uuid),
    Column("version", Integer, nullable=False),
    # No mail before somebody agreed: advertising needs consent, and a sole trader is a person.
    Column("mail", Boolean, nullable=False),
    Column("agreed_at", DateTime(timezone=True)),
    # NULL until chosen here: the language the directory knows is used until then.
    Column("language", Text),
    Column("unsubscribe_token", Text, nullable=False, unique=True),
    CheckConstraint("mail = (agreed_at IS NOT NULL)", name="preference_mail_is_agreed"),
    CheckConstraint("(recipient_kind = 'merchant') = (city_id IS NOT NULL)", name="preference_of_a_city"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    *recipient_columns(),
    Column("notification_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    # When it is to be tried (again); while it is being sent, when that attempt counts as dead.
    Column("due_at", DateTime(timezone=True)),
    # Also the fence: only the attempt that claimed a delivery last may say what became of it.
    Column("attempts", Integer, nullable=False),
    Column("refused_since", DateTime(timezone=True)),
    Column("reason", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("traceparent", Text),
    UniqueConstraint("notification_id", "channel"),
    CheckConstraint(
        "state IN ('pending', 'sending', 'sent', 'failed', 'cancelled')", name="delivery_state_known"
    ),
    CheckConstraint("(state IN ('pending', 'sending')) = (due_at IS NOT NULL)", name="delivery_open_is_due"),
    CheckConstraint(
        "(state IN ('pending', 'sending')) = (finished_at IS NULL)", name="delivery_open_is_unfinished"
    ),
    CheckConstraint("(state = 'failed') <= (reason IS NOT NULL)", name="delivery_failed_has_reason"),
)
Index("delivery_due", delivery.c.due_at, postgresql_where=text("due_at IS NOT NULL"))
