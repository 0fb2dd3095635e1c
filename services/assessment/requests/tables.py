"""What merchants asked for: a training, or a consultant's visit."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    String,
    Table,
    Uuid,
    text,
)

from services.assessment.metadata import metadata

VISIT = "visit"
"""A wish: a consultant comes to the shop, instead of a training."""

training_requests = Table(
    "training_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    # The key of a training, or `visit`.
    Column("wish", String, nullable=False),
    Column("language", String, nullable=False),
    # When they have time: half-days of the week.
    Column("half_days", ARRAY(String), nullable=False, server_default="{}"),
    # When they agreed to be contacted about it: there is no request without.
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", Uuid, nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    # A consultant came by, or the training was given: in that session, where the shop was seen at one.
    Column("served_at", DateTime(timezone=True)),
    Column("served_in", Uuid, ForeignKey("sessions.id")),
    # What came of the latest call about it, and the day that was agreed: to call again, or of the visit.
    Column("called_at", DateTime(timezone=True)),
    Column("call_outcome", String),
    Column("call_next_on", Date),
    CheckConstraint("(called_at IS NULL) = (call_outcome IS NULL)", name="called"),
    CheckConstraint("served_in IS NULL OR served_at IS NOT NULL", name="served"),
    # Asked for twice at the same moment, it is one request.
    Index(
        "training_requests_open",
        "merchant_id",
        "wish",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL AND served_at IS NULL"),
    ),
    Index(
        "training_requests_by_city",
        "city_id",
        "id",
        postgresql_where=text("withdrawn_at IS NULL AND served_at IS NULL"),
    ),
)
