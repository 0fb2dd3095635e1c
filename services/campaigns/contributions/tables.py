"""Contributions of every kind, and the details each kind has beside.

A photo or a video is a row of `contribution` with a table of its own beside `review` and `share`. Visits
of a share link are counts per link and day, no contributions: they refer to a contribution.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    literal_column,
)

from services.campaigns.contributions.domain import Standing
from services.campaigns.metadata import metadata

_STANDINGS = ", ".join(f"'{standing}'" for standing in Standing)

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
    # Whether the others are told of it once it is public. Of what they never heard they hear no end either.
    Column("counts_for_audience", Boolean, nullable=False),
    Column("posted_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("standing", Text, nullable=False),
    Column("standing_version", Integer, nullable=False),
    Column("published_at", DateTime(timezone=True)),  # for the first time
    CheckConstraint(f"standing IN ({_STANDINGS})", name="standing"),
    CheckConstraint("standing <> 'published' OR published_at IS NOT NULL", name="published"),
    CheckConstraint("(campaign_id IS NULL) = (reason IS NOT NULL)", name="campaign_or_reason"),
    Index("contribution_by_merchant", "merchant_id", "kind", "id"),
    Index("contribution_by_author", "contributor_id", "id"),
)
# A withdrawn one frees its slot: its author may write another. A removed one does not, withdrawn or not: a
# second review of the shop would be a way round the decision.
_is_removed = contribution.c.standing == literal_column(f"'{Standing.REMOVED}'", Text)
_is_published = contribution.c.standing == literal_column(f"'{Standing.PUBLISHED}'", Text)
holds_slot = contribution.c.withdrawn_at.is_(None) | _is_removed
is_public = contribution.c.withdrawn_at.is_(None) & _is_published
published_later = contribution.c.published_at > contribution.c.posted_at
Index(
    "contribution_once",
    contribution.c.contributor_id,
    contribution.c.merchant_id,
    contribution.c.kind,
    contribution.c.slot,
    unique=True,
    postgresql_where=holds_slot,
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
# What was held first is told in the order in which it became public.
Index(
    "contribution_published_later",
    contribution.c.published_at,
    postgresql_where=published_later,
)

# Every change of a standing, and the first of what was held when it was posted. What was published at once,
# which is nearly everything, has no row.
standing_change = Table(
    "standing_change",
    metadata,
    Column("contribution_id", Uuid, ForeignKey("contribution.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("standing", Text, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("statement", Text, nullable=False),  # in somebody's own words; may be empty
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid),  # none: the screening
    # Whether it was told, as ContributionModerated or ContributionReinstated.
    Column("told", Boolean, nullable=False),
    CheckConstraint(f"standing IN ({_STANDINGS})", name="standing"),
)
Index(
    "standing_change_told",
    standing_change.c.at,
    postgresql_where=standing_change.c.told,
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
