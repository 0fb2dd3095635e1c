"""What lies in the store, and until when."""

from sqlalchemy import Column, DateTime, Index, Table, Uuid

from services.campaigns.metadata import metadata

# The row is there before the files are, and goes after them: whatever process is killed when, each file in
# the store has a row, and each row that nothing keeps is due some day.
stored_file = Table(
    "stored_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    # When the files of this id are deleted. None while something shows them.
    Column("due_at", DateTime(timezone=True)),
)
Index(
    "stored_file_due",
    stored_file.c.due_at,
    postgresql_where=stored_file.c.due_at.is_not(None),
)
