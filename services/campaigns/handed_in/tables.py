"""Links that citizens hand in, reports of posts elsewhere, and where somebody was asked to write."""

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.metadata import metadata

hand_in = Table(
    "hand_in",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("post_id", Uuid, ForeignKey(seen_post.c.id), nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),  # the post's
    Column("handed_in_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Index("hand_in_by_person", "contributor_id", "id"),
    Index("hand_in_by_post", "post_id"),
)
# A person hands in a post once, whichever shops it speaks of.
Index(
    "hand_in_once",
    hand_in.c.contributor_id,
    hand_in.c.url,
    unique=True,
    postgresql_where=hand_in.c.withdrawn_at.is_(None),
)

post_report = Table(
    "post_report",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("post_id", Uuid, ForeignKey(seen_post.c.id), nullable=False),
    Column("ground", Text, nullable=False),
    Column("text", Text),  # none: its time is over, or its author erased
    Column("at", DateTime(timezone=True), nullable=False),
    Column("contributor_id", Uuid),  # none: reported without an account
    Column("decided_at", DateTime(timezone=True)),
    Index("post_report_by_post", "post_id"),
)
Index(
    "post_report_waiting",
    post_report.c.city_id,
    post_report.c.at,
    post_report.c.id,
    postgresql_where=post_report.c.decided_at.is_(None),
)
# Whoever has reported a post waits for the decision.
Index(
    "post_report_once",
    post_report.c.post_id,
    post_report.c.contributor_id,
    unique=True,
    postgresql_where=post_report.c.decided_at.is_(None),
)

# So many places a shop has in a week on each platform: a burst there would harm it.
suggestion = Table(
    "suggestion",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("platform", Text, primary_key=True),
    Column("week", Date, primary_key=True),  # its Monday, in Brussels
    Column("place", SmallInteger, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    UniqueConstraint("contributor_id", "week", "merchant_id", name="suggestion_once"),
)
