"""Photos: what their author said of them, and the pictures."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Table, Text, Uuid

from services.campaigns.contributions.tables import contribution, review
from services.campaigns.files.tables import stored_file
from services.campaigns.metadata import metadata

photo = Table(
    "photo",
    metadata,
    Column("contribution_id", Uuid, ForeignKey(contribution.c.id), primary_key=True),
    Column("licence", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("tie", Text, nullable=False),
    Column("credit", Text),
    Column("review_id", Uuid, ForeignKey(review.c.contribution_id)),
    # When the shop it shows, which is the only one it can be of, took it for its own use.
    Column("reused_at", DateTime(timezone=True)),
    # When its author took photos that the shop uses back, or was erased: their name has to go there, too.
    Column("taken_back_at", DateTime(timezone=True)),
    CheckConstraint("people <> 'not-asked'", name="people_agreed"),
)
Index("photo_by_review", photo.c.review_id, postgresql_where=photo.c.review_id.is_not(None))
Index("photo_by_reuse", photo.c.reused_at, postgresql_where=photo.c.reused_at.is_not(None))

# Deleted with their files, when the author takes them back or is erased.
picture = Table(
    "picture",
    metadata,
    Column("id", Uuid, ForeignKey(stored_file.c.id), primary_key=True),
    Column("contribution_id", Uuid, ForeignKey(photo.c.contribution_id), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("alt", Text, nullable=False),
    Column("width", SmallInteger, nullable=False),
    Column("height", SmallInteger, nullable=False),
    Index("picture_of_photo", "contribution_id", "position", unique=True),
)
