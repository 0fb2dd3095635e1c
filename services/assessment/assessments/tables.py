"""What was handed in, and what came of it."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, SmallInteger, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.assessment.metadata import metadata

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
    # The one whose answers it corrects, which stays as it was: a correction is a new one.
    Column("corrects", Uuid),
    CheckConstraint("score BETWEEN 0 AND 100", name="assessments_score_bounds"),
    Index("assessments_by_merchant", "merchant_id", "id"),
    Index("assessments_corrected_once", "corrects", unique=True),
)
