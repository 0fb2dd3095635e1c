"""Answers that are not handed in yet."""

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.assessment.metadata import metadata

# Of nobody and of no shop until it is handed in: whoever has the secret has the draft.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Uuid, primary_key=True),
    # SHA-256 of 256 bits of chance: nothing to guess, so that no slow hash is needed.
    Column("secret_hash", LargeBinary, nullable=False),
    Column("questionnaire", String, nullable=False),
    Column("questionnaire_version", Integer, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
    Index("drafts_age", "saved_at"),
)
