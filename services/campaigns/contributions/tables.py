"""Contributions of every kind, and the details each kind has beside.

A photo or a video is a row of `contribution` with a table of its own beside `review` and `share`. Visits
of a share link are counts per link and day, no contributions: they refer to a contribution.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.campaigns.metadata import metadata

contribution = Table(
    "contribution",
    metadata,
    Column("id", Uuid, primary_key=True),  # made of `posted_at`: orders by time
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    # What a person has one of at a time, per merchant and kind: see `review_slot` and `share_slot`.
    # None where there is no such limit.
    Column("slot", Text),
    # No foreign key: it would have every ambassador of a campaign lock the same row. Campaigns are never
    # deleted.
    Column("campaign_id", Uuid),
    Column("reason", Text),  # why it counts for no campaign
    # Whether it was told to the others. One that was not is not taken back by an event either.
    Column("counts_for_audience", Boolean, nullable=False),
    Column("posted_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    CheckConstraint("(campaign_id IS NULL) = (reason IS NOT NULL)", name="campaign_or_reason"),
    Index("contribution_by_merchant", "merchant_id", "kind", "id"),
    Index("contribution_by_author", "contributor_id", "id"),
)
# A withdrawn one frees its slot: its author may write another.
Index(
    "contribution_once",
    contribution.c.contributor_id,
    contribution.c.merchant_id,
    contribution.c.kind,
    contribution.c.slot,
    unique=True,
    postgresql_where=contribution.c.withdrawn_at.is_(None),
)
# What a campaign is evaluated by, without reading a row of the table.
Index(
    "contribution_by_campaign",
    contribution.c.campaign_id,
    contribution.c.kind,
    contribution.c.merchant_id,
    contribution.c.contributor_id,
    postgresql_where=contribution.c.campaign_id.is_not(None) & contribution.c.withdrawn_at.is_(None),
)
Index(
    "contribution_by_withdrawal",
    contribution.c.withdrawn_at,
    postgresql_where=contribution.c.withdrawn_at.is_not(None),
)

review = Table(
    "review",
    metadata,
    Column("contribution_id", Uuid, ForeignKey("contribution.id"), primary_key=True),
    Column("rating", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", Text),  # none: not given, and not clear from the text
    Column("tie", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),  # earlier ones are in `review_version`
    Column("edited_at", DateTime(timezone=True)),
    CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
)

share = Table(
    "share",
    metadata,
    Column("contribution_id", Uuid, ForeignKey("contribution.id"), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("day", Date, nullable=False),  # in Brussels
)
