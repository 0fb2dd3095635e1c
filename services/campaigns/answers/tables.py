"""What merchants answer to reviews, in public."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Table, Text, Uuid

from services.campaigns.contributions.tables import review
from services.campaigns.metadata import metadata

answer = Table(
    "answer",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("contribution_id", Uuid, ForeignKey(review.c.contribution_id), nullable=False),
    Column("person_id", Uuid),  # who wrote it last, for the shop; readers see the shop alone
    Column("text", Text, nullable=False),  # empty once it is removed
    Column("version", SmallInteger, nullable=False),
    Column("answered_at", DateTime(timezone=True), nullable=False),
    Column("edited_at", DateTime(timezone=True)),
    Column("removed_at", DateTime(timezone=True)),
    CheckConstraint("removed_at IS NULL OR text = ''", name="removed_is_empty"),
    Index("answer_by_person", "person_id"),
    Index("answer_by_merchant", "merchant_id"),
)
# A review has one answer; where it was removed, there may be another.
Index(
    "answer_once",
    answer.c.contribution_id,
    unique=True,
    postgresql_where=answer.c.removed_at.is_(None),
)
# What was answered in a week, for the thanks of whoever wrote the reviews.
Index("answer_by_time", answer.c.answered_at, postgresql_where=answer.c.removed_at.is_(None))
