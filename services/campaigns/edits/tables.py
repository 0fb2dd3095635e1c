"""What a review said before."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Table, Text, Uuid

from services.campaigns.contributions.tables import review
from services.campaigns.metadata import metadata

# All versions of a review that was edited, the first and the present one too. One that never was has none:
# most reviews are never touched again, and posting is the hot path.
review_version = Table(
    "review_version",
    metadata,
    Column("contribution_id", Uuid, ForeignKey(review.c.contribution_id), primary_key=True),
    Column("version", SmallInteger, primary_key=True),
    Column("rating", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", Text),
    Column("written_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    Index("review_version_by_time", "written_at"),
)
