"""This service's tables, beside those of the chassis."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

# What the directory's events say. A row may begin with any of them, a closing included.
merchants = Table(
    "merchants",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("listed_version", Integer, nullable=False, comment="newest version that listed it; 0: not yet"),
    Column("closed_version", Integer, nullable=False, comment="newest version that closed it; 0: never"),
)

# Written once, changed by an erasure alone. Texts and effects are derived from the answers: questionnaires
# are immutable.
assessments = Table(
    "assessments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("questionnaire", String, nullable=False),
    Column("questionnaire_version", Integer, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("score", SmallInteger, nullable=False),
    Column("dimensions", JSONB, nullable=False),
    Column("recommendations", JSONB, nullable=False),
    Column("completed_at", DateTime(timezone=True), nullable=False),
    # NULL once that person was erased.
    Column("completed_by", Uuid),
    CheckConstraint("score BETWEEN 0 AND 100", name="assessments_score_bounds"),
    Index("assessments_by_merchant", "merchant_id", "id"),
)
