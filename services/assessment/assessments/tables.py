"""What was handed in, and what came of it."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.assessment.metadata import metadata

# Written once. An erasure takes out who it was, and a form of a session gets the shop it is of, once, and its
# city. Texts and effects are derived from the answers: questionnaires are immutable.
assessments = Table(
    "assessments",
    metadata,
    Column("id", Uuid, primary_key=True),
    # Of the shop, also where its form was filled in at a session of another city; else of the session.
    Column("city_id", Uuid, nullable=False),
    # NULL where somebody handed in a form of a session without a shop that is known here.
    Column("merchant_id", Uuid),
    Column("questionnaire", String, nullable=False),
    Column("questionnaire_version", Integer, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("score", SmallInteger, nullable=False),
    Column("dimensions", JSONB, nullable=False),
    Column("recommendations", JSONB, nullable=False),
    # When it happened: a form on paper is entered later.
    Column("completed_at", DateTime(timezone=True), nullable=False),
    # NULL once that person was erased.
    Column("completed_by", Uuid),
    # The one whose answers it corrects, which stays as it was: a correction is a new one.
    Column("corrects", Uuid),
    Column("session_id", Uuid, ForeignKey("sessions.id")),
    # What kind of shop it is, as whoever handed it in said: a key of `kinds/kinds.yaml`.
    Column("merchant_kind", Text),
    CheckConstraint("score BETWEEN 0 AND 100", name="assessments_score_bounds"),
    Index("assessments_by_merchant", "merchant_id", "id"),
    Index("assessments_by_city", "city_id", "completed_at"),
    Index("assessments_corrected_once", "corrects", unique=True),
)
Index(
    "assessments_by_session", assessments.c.session_id, postgresql_where=assessments.c.session_id.is_not(None)
)

# By whose secret a form of a session can still be given to a shop. Gone once it was, or after some weeks.
form_secrets = Table(
    "form_secrets",
    metadata,
    Column("assessment_id", Uuid, ForeignKey("assessments.id", ondelete="CASCADE"), primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Index("form_secrets_by_time", "made_at"),
)
