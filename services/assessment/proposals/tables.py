"""A shop that is not listed yet, proposed from a draft."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, String, Table, Uuid, text

from services.assessment.drafts.tables import drafts
from services.assessment.metadata import metadata

# Goes with its draft. What is said of the shop was typed by somebody without an account, and is shown to who
# has the draft's secret and to the city's officers alone.
draft_proposals = Table(
    "draft_proposals",
    metadata,
    Column("draft_id", Uuid, ForeignKey(drafts.c.id, ondelete="CASCADE"), primary_key=True),
    # The directory knows it by this, and not the draft. Another proposal of the same draft has another.
    Column("id", Uuid, nullable=False, unique=True),
    Column("city_id", Uuid, nullable=False),
    Column("name", String, nullable=False),
    Column("street", String, nullable=False),
    Column("house_number", String),
    Column("postcode", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    # When the directory has it; until then it is brought again, not before `next_try_at`.
    Column("sent_at", DateTime(timezone=True)),
    Column("next_try_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    # The merchant that it became; NULL where it is refused, for this reason.
    Column("merchant_id", Uuid),
    Column("reason", String),
    Index(
        "draft_proposals_to_send",
        "next_try_at",
        postgresql_where=text("sent_at IS NULL AND decided_at IS NULL"),
    ),
)
