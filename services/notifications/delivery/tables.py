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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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
    # When and where what is told: `choices.py`, as JSON; what is not in it is as it is for everybody.
    Column("choices", JSONB, nullable=False, server_default="{}"),
    # When the link of a mail ended the agreement; it makes it anew, until something else is chosen.
    Column("left_at", DateTime(timezone=True)),
    CheckConstraint("mail = (agreed_at IS NOT NULL)", name="preference_mail_is_agreed"),
    CheckConstraint("(recipient_kind = 'merchant') = (city_id IS NOT NULL)", name="preference_of_a_city"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    *recipient_columns(),
    Column("channel", Text, nullable=False),
    # One notice by itself, or the digest of a day.
    Column("window", Text, nullable=False),
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
    # However many events come at once, a window is one message.
    UniqueConstraint("recipient_kind", "recipient_id", "channel", "window"),
    CheckConstraint(
        "state IN ('pending', 'sending', 'sent', 'failed_for_now', 'failed_for_good', 'suppressed')",
        name="delivery_state_known",
    ),
    CheckConstraint(
        "(state IN ('pending', 'sending', 'failed_for_now')) = (due_at IS NOT NULL)",
        name="delivery_open_is_due",
    ),
    CheckConstraint("(due_at IS NULL) = (finished_at IS NOT NULL)", name="delivery_open_is_unfinished"),
    CheckConstraint(
        "state NOT IN ('failed_for_now', 'failed_for_good', 'suppressed') OR reason IS NOT NULL",
        name="delivery_unsent_has_reason",
    ),
)
Index("delivery_due", delivery.c.due_at, postgresql_where=text("due_at IS NOT NULL"))
Index("delivery_created", delivery.c.created_at, delivery.c.id)
_UNDELIVERED = text("state = 'failed_for_good' OR state = 'suppressed' AND reason = 'address-suppressed'")
Index(
    "delivery_undelivered",
    delivery.c.recipient_kind,
    delivery.c.recipient_id,
    postgresql_where=_UNDELIVERED,
)
Index("delivery_failed", delivery.c.finished_at, postgresql_where=_UNDELIVERED)

decision = Table(
    "decision",
    metadata,
    Column("notification_id", Uuid, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    *recipient_columns(),
    # NULL for what stays in the feed alone.
    Column("delivery_id", Uuid),
    # The chain that decided, in its order: it answers why something came, and why it did not.
    Column("rules", ARRAY(Text), nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    # Why it was left out of its message after all: read before, chosen otherwise.
    Column("left_out", Text),
)
Index("decision_delivery", decision.c.delivery_id)

# Who had what sent again: one message, or what had ended in a span of time. Of no city: operators alone do.
replay_log = Table(
    "delivery_replay",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    # NULL once that person is erased.
    Column("by_person", Uuid),
    Column("delivery_id", Uuid),
    Column("since", DateTime(timezone=True)),
    Column("until", DateTime(timezone=True)),
    Column("deliveries", Integer, nullable=False),
    CheckConstraint(
        "(delivery_id IS NULL) = (since IS NOT NULL AND until IS NOT NULL)", name="delivery_replay_of_one"
    ),
)
Index("delivery_replay_at", replay_log.c.at, replay_log.c.id)
