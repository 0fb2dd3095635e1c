"""Who follows which merchant, under which pseudonym, and since when."""

from sqlalchemy import Column, DateTime, Index, Table, Uuid

from services.campaigns.metadata import metadata

# One row for each time somebody began to follow: what was told of it is told again under the same id.
following = Table(
    "following",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("followed_at", DateTime(timezone=True), nullable=False),
    Column("unfollowed_at", DateTime(timezone=True)),
    Index("following_by_person", "contributor_id", "id"),
    Index("following_by_time", "followed_at"),
)
# A person follows a merchant once at a time; the same index counts the followers of one.
Index(
    "following_once",
    following.c.merchant_id,
    following.c.contributor_id,
    unique=True,
    postgresql_where=following.c.unfollowed_at.is_(None),
)
Index(
    "following_by_end",
    following.c.unfollowed_at,
    postgresql_where=following.c.unfollowed_at.is_not(None),
)
