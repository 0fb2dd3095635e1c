"""Corrections of the directory, by the number that their author alone was given there."""

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Table, Uuid

from services.campaigns.metadata import metadata

# One row for what its author says and for what the directory tells, whichever comes first: who comes second
# waits for the first one's commit, and sees both.
correction_receipt = Table(
    "correction_receipt",
    metadata,
    Column("receipt_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    # Handed in by its author, while a campaign ran that gives points for it.
    Column("contributor_id", Uuid),
    Column("campaign_id", Uuid, ForeignKey("campaign.id")),
    Column("handed_in_at", DateTime(timezone=True)),
    # Told by the directory: version 0 as long as nothing was.
    Column("correction_id", Uuid),
    Column("version", Integer, nullable=False),
    Column("stands", Boolean),
    CheckConstraint(
        "num_nulls(contributor_id, campaign_id, handed_in_at) IN (0, 3)"
        " AND (version = 0) = (correction_id IS NULL) AND (version = 0) = (stands IS NULL)",
        name="halves",
    ),
    Index("correction_receipt_of_ambassador", "contributor_id", "receipt_id"),
)
