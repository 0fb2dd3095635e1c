"""What shops declared done, what came of it over many, and who was reminded."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKey, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.assessment.metadata import metadata

# Of an assessment: a recommended action, a training, a tool.
declared_done = Table(
    "declared_done",
    metadata,
    Column("assessment_id", Uuid, ForeignKey("assessments.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("done_on", Date, nullable=False),
    CheckConstraint("kind IN ('action', 'training', 'tool')", name="kind"),
)

# Five shops or more that were assessed twice, added up once and for ever.
progress_blocks = Table(
    "progress_blocks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    # By group (all, dimension:…, action:…, training:…, tool:…): shops, total and squares of changes.
    Column("changes", JSONB, nullable=False),
    Index("progress_blocks_by_city", "city_id"),
)

# Which later assessment is in a block: each once.
progress_members = Table(
    "progress_members",
    metadata,
    Column("assessment_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("block_id", Uuid, ForeignKey("progress_blocks.id"), nullable=False),
)

# Of which assessment it was told that another is due: once for ever.
reassessments_due = Table(
    "reassessments_due",
    metadata,
    Column("assessment_id", Uuid, ForeignKey("assessments.id", ondelete="CASCADE"), primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("completed_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
)
