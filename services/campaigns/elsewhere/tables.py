"""What was seen elsewhere: posts by their addresses, counts by their days; each with all it was before.

Every version is kept, because each was told: the owner's tables tell it again under the same id.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.campaigns.elsewhere.domain import Measure, PostKind, Source
from services.campaigns.metadata import metadata


def _is_one_of(column: str, names: Iterable[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


seen_post = Table(
    "seen_post",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid),  # none: about the town
    Column("platform", Text, nullable=False),
    Column("url", Text, nullable=False),  # canonical; the same post has the same
    Column("kind", Text, nullable=False),
    Column(
        "day", Date, nullable=False
    ),  # of its posting there; where that is not known, when it was first seen
    Column("source", Text, nullable=False),  # a citizen's until another one finds it too
    Column("via", Text, nullable=False),
    Column("excerpt", Text, nullable=False),  # empty once it is not shown
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("removed_for", Text),  # the officer's reason; it stays away whoever finds it again
    Column("version", Integer, nullable=False),
    UniqueConstraint(
        "city_id", "merchant_id", "url", postgresql_nulls_not_distinct=True, name="seen_post_once"
    ),
    _is_one_of("kind", PostKind),
    _is_one_of("source", Source),
    CheckConstraint("shown OR excerpt = ''", name="hidden_says_nothing"),
    CheckConstraint("removed_for IS NULL OR NOT shown", name="removed_is_hidden"),
    Index("seen_post_by_merchant", "merchant_id", "day", "id"),
    Index("seen_post_by_city", "city_id", "day", "id"),
)

# One row for each time it began or ceased to be shown.
seen_post_change = Table(
    "seen_post_change",
    metadata,
    Column("post_id", Uuid, ForeignKey(seen_post.c.id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("statement", Text, nullable=False, server_default=""),  # of the officer who took it down
    Column("person_id", Uuid),  # that officer, or who put it back
    Index("seen_post_change_by_time", "at"),
)

noted_count = Table(
    "noted_count",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("platform", Text, nullable=False),
    Column("profile_id", Uuid),
    Column("measure", Text, nullable=False),
    Column("day", Date, nullable=False),  # in Brussels
    Column("source", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("figure", Double),  # none once it is taken back
    Column("scale", SmallInteger),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint(
        *("merchant_id", "platform", "profile_id", "measure", "day", "source"),
        postgresql_nulls_not_distinct=True,
        name="noted_count_once",
    ),
    _is_one_of("measure", Measure),
    _is_one_of("source", Source),
    CheckConstraint("(scale IS NOT NULL) = (measure = 'mean')", name="mean_has_a_scale"),
    Index("noted_count_by_city", "city_id", "day"),
)

# Every figure that was ever noted, the present one too.
noted_count_version = Table(
    "noted_count_version",
    metadata,
    Column("count_id", Uuid, ForeignKey(noted_count.c.id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("figure", Double),
    Column("scale", SmallInteger),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid),  # who noted it; none: nobody, or their time is over
    Index("noted_count_version_by_time", "at"),
)
