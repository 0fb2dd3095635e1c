"""Coaching groups, and who is in them or waits for them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Uuid,
    text,
)

from services.assessment.metadata import metadata
from services.assessment.requests.tables import training_requests

coaching_groups = Table(
    "coaching_groups",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("dimension", String, nullable=False),
    Column("language", String, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    # Where it meets, as a consultant typed it.
    Column("place", String, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    # NULL once that person was erased.
    Column("made_by", Uuid),
    Column("formed_at", DateTime(timezone=True)),
    Column("formed_with", SmallInteger),
    CheckConstraint("starts_at < ends_at", name="coaching_groups_last"),
    CheckConstraint("(formed_at IS NULL) = (formed_with IS NULL)", name="coaching_groups_formed"),
    Index("coaching_groups_by_city", "city_id", "id"),
)
# A row for each time that a request came into a group's line. Those that are over stay: offers are told again
# from them.
coaching_seats = Table(
    "coaching_seats",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("group_id", Uuid, ForeignKey(coaching_groups.c.id, ondelete="CASCADE"), nullable=False),
    Column("city_id", Uuid, nullable=False),
    Column("request_id", Uuid, ForeignKey(training_requests.c.id, ondelete="CASCADE"), nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("line", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("seat", SmallInteger),
    Column("offered_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("taken_at", DateTime(timezone=True)),
    Column("attended", Boolean),
    # What was told of it (`attendance.py`).
    Column("attendance_version", Integer, nullable=False, server_default="0"),
    Column("attendance_noted_at", DateTime(timezone=True)),
    Column("attendance_began_at", DateTime(timezone=True)),
    # Five at most, whatever happens at the same moment: six people cannot have different numbers of five.
    CheckConstraint("seat BETWEEN 1 AND 5", name="coaching_seats_five"),
    CheckConstraint("(seat IS NOT NULL) = (state IN ('offered', 'taken'))", name="coaching_seats_numbered"),
    Index("coaching_seats_numbers", "group_id", "seat", unique=True),
    Index(
        "coaching_seats_once",
        "group_id",
        "request_id",
        unique=True,
        postgresql_where=text("state IN ('waiting', 'offered', 'taken')"),
    ),
    # Whoever takes a seat leaves the other lines in which the same request waits.
    Index("coaching_seats_one_taken", "request_id", unique=True, postgresql_where=text("state = 'taken'")),
    Index("coaching_seats_by_merchant", "merchant_id"),
)
