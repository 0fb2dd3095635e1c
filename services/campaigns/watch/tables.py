"""What officers have watched for their city, how it went last, and what each source shows."""

from sqlalchemy import (
    CheckConstraint,
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
from services.campaigns.watch.domain import SourceKind

_KINDS = ", ".join(f"'{kind}'" for kind in SourceKind)

watched_source = Table(
    "watched_source",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),  # of a server or a feed; empty for the one Mangrove there is
    Column("tag", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("looked_at", DateTime(timezone=True)),
    Column("trouble", Text),  # why it could not be read last; none where it could
    Column("failures", Integer, nullable=False),  # in a row
    Column("etag", Text),
    Column("last_modified", Text),
    UniqueConstraint("city_id", "kind", "address", "tag", name="watched_source_once"),
    CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    CheckConstraint("(trouble IS NULL) = (failures = 0)", name="trouble_has_failures"),
    Index("watched_source_due", "due_at", "id"),
)

# What a source showed when it was last looked at. A post is shown as long as any source has it.
watched_item = Table(
    "watched_item",
    metadata,
    Column("source_id", Uuid, ForeignKey(watched_source.c.id), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("post_id", Uuid, nullable=False),
    Column("city_id", Uuid, nullable=False),
    Column("posted_at", DateTime(timezone=True)),
    Column("checked_at", DateTime(timezone=True), nullable=False),  # when it was last known to be there
    Index("watched_item_by_post", "post_id"),
    Index("watched_item_by_check", "source_id", "checked_at"),
)
