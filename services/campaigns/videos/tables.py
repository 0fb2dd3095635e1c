"""Videos: where they lie. Nothing of them is stored here."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, Uuid

from services.campaigns.contributions.tables import contribution, holds_slot
from services.campaigns.metadata import metadata

video = Table(
    "video",
    metadata,
    Column("contribution_id", Uuid, ForeignKey(contribution.c.id), primary_key=True),
    Column("platform", Text, nullable=False),
    Column("url", Text, nullable=False),  # canonical; empty once it is withdrawn
    Column("tie", Text, nullable=False),
)
# A person hands in a video once, whichever shops it shows.
Index(
    "video_once",
    contribution.c.contributor_id,
    contribution.c.slot,
    unique=True,
    postgresql_where=(contribution.c.kind == "video") & holds_slot,
)
