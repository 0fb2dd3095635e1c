"""Who joined which campaign under which pseudonym, and which shops they declared a tie to."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.campaigns.metadata import metadata

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    Column("pledge_version", Integer),
    Column("adult", Boolean),
    Column("language", Text),
    Column("introduction", Text),
    Column("approved_at", DateTime(timezone=True)),
    Column("refused_at", DateTime(timezone=True)),
    Column("refusal", Text),
    Column("decided_by", Uuid),
    UniqueConstraint("campaign_id", "contributor_id"),
    Index("enrolment_by_time", "approved_at"),
)
# A campaign's ambassadors, counted without reading a row of the table.
Index("enrolment_approved", enrolment.c.campaign_id, postgresql_where=enrolment.c.approved_at.is_not(None))

# Of the person, whatever campaign it was declared in: what ties them to a shop ties them in all.
declared_tie = Table(
    "declared_tie",
    metadata,
    Column("contributor_id", Uuid, primary_key=True),
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("tie", Text, nullable=False),
    Column("declared_at", DateTime(timezone=True), nullable=False),
)
