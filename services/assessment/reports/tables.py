"""What reports are made of: blocks of five persons or more, and the sums of these."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.assessment.metadata import metadata

# A unit's persons that were published together (see domain/blocks.py).
report_blocks = Table(
    "report_blocks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    # NULL for what was handed in outside of sessions.
    Column("session_id", Uuid),
    Column("month", Date, nullable=False),
    Column("questionnaire", Text, nullable=False),
    Column("version", Integer, nullable=False),
    # By basis, measure and key: count and total.
    # What it is counted by: its own questionnaire, and mappings (see bases.py).
    Column("bases", ARRAY(Text), nullable=False),
    Column("figures", JSONB, nullable=False),
    Index("report_blocks_by_session", "session_id"),
    Index("report_blocks_by_city", "city_id", "questionnaire", "version", "month", "session_id"),
)

# Which assessment is in which block: each in one, once. Its assessment may be gone.
report_members = Table(
    "report_members",
    metadata,
    Column("assessment_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("block_id", Uuid, ForeignKey("report_blocks.id"), nullable=False),
    # The kind of shop it is shown under; empty for all that are too small.
    Column("shown_as", Text, nullable=False),
    # Erased or corrected since: it leaves its block once four others do.
    Column("gone", Boolean, nullable=False),
    Index("report_members_by_block", "block_id"),
    Index("report_members_gone", "block_id", postgresql_where="gone"),
)

# The sums that reports read: of a session, and where that is NULL of a city's whole month, sessions and all.
report_figures = Table(
    "report_figures",
    metadata,
    Column("city_id", Uuid, nullable=False),
    Column("session_id", Uuid),
    Column("month", Date, nullable=False),
    Column("basis", Text, nullable=False),
    # By measure and key: count and total.
    Column("figures", JSONB, nullable=False),
    Index(
        "report_figures_once",
        "city_id",
        "session_id",
        "month",
        "basis",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
)

# Units with persons that no report counts: not closed yet, or fewer than five. How many is not kept.
report_left_out = Table(
    "report_left_out",
    metadata,
    Column("city_id", Uuid, nullable=False),
    Column("session_id", Uuid),
    Column("month", Date, nullable=False),
    Column("questionnaire", Text, nullable=False),
    Column("version", Integer, nullable=False),
    # Fewer than five, where it is closed.
    Column("closed", Boolean, nullable=False),
    # To be looked at: it is not closed yet, or somebody came or left since.
    Column("due", Boolean, nullable=False),
    Index(
        "report_left_out_once",
        "city_id",
        "session_id",
        "month",
        "questionnaire",
        "version",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
)
