"""Sessions, as they are now: public, and about nobody. And which shops come."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.assessment.metadata import metadata
from services.assessment.sessions.domain import Kind, State

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)
_STATES = ", ".join(f"'{state}'" for state in State)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("training", Text),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("questionnaire", Text, nullable=False),
    Column("questionnaire_version", Integer, nullable=False),
    # NULL a day after the session, so that another may have it.
    Column("join_code", Text),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("held_at", DateTime(timezone=True)),
    Column("participants", Integer),
    Column("forms_when_held", Integer),
    CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("(kind = 'training') = (training IS NOT NULL)", name="training"),
    CheckConstraint("starts_at < ends_at", name="lasts"),
    CheckConstraint("capacity > 0", name="capacity"),
    CheckConstraint(
        "(state = 'held') = (held_at IS NOT NULL AND participants IS NOT NULL"
        " AND forms_when_held IS NOT NULL)",
        name="held",
    ),
    Index("sessions_by_time", "starts_at", "id"),
    Index("sessions_by_city", "city_id", "starts_at", "id"),
    Index("sessions_join_code", "join_code", unique=True),
)

# A seat, or a place in the waiting list. Of one that does not come after all, nothing stays.
registrations = Table(
    "registrations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("session_id", Uuid, ForeignKey("sessions.id"), nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    # Of the session, whose consultants see who comes; the shop may be of another.
    Column("city_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("is_waiting", Boolean, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    # When it was told that it has the seat it waited for, and when the session was to begin by then.
    Column("seat_given_at", DateTime(timezone=True)),
    Column("told_starts_at", DateTime(timezone=True)),
    # NULL until somebody said whether it came.
    Column("attended", Boolean),
    # What was told of it (`attendance.py`); nothing where the session is no training.
    Column("attendance_version", Integer, nullable=False, server_default="0"),
    Column("attendance_noted_at", DateTime(timezone=True)),
    Column("attendance_began_at", DateTime(timezone=True)),
    UniqueConstraint("session_id", "merchant_id", name="registrations_once"),
    CheckConstraint("(seat_given_at IS NULL) = (told_starts_at IS NULL)", name="told"),
    Index("registrations_in_order", "session_id", "number", unique=True),
    Index("registrations_by_merchant", "merchant_id"),
)

# What the hall's screen shows: made of so many forms, and made anew with every five more (`live.py`).
live_figures = Table(
    "live_figures",
    metadata,
    Column("session_id", Uuid, ForeignKey("sessions.id"), primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("forms", Integer, nullable=False),
    Column("mean", SmallInteger, nullable=False),
    Column("tenths", ARRAY(Integer), nullable=False),
)
