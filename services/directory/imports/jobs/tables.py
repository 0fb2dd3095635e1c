"""Imports that run by themselves: what was asked, the file in parts, and what became of each row."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.directory.cities.tables import city
from services.directory.metadata import metadata

import_job = Table(
    "import_job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("format", Text, nullable=False),
    # Whose ids the rows have: two sheets of one association share a source, those of two do not.
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    # Whether what the file does not have any more may have closed.
    Column("is_complete", Boolean, nullable=False),
    # For a sheet: how it is read (mapping, kind, place of rows that say none).
    Column("options", JSONB, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    # Rows done, committed with what they did: where a killed import goes on.
    Column("rows_done", Integer, nullable=False),
    Column("totals", JSONB, nullable=False),
    Column("problem", Text),
    # Until then a worker is at it; later, another may take it over.
    Column("held_until", DateTime(timezone=True)),
)
Index("import_job_city_page", import_job.c.city_id, import_job.c.id)
Index("import_job_waiting", import_job.c.id, postgresql_where=import_job.c.state == "running")

# In the database because an API process and a worker share no disk. Gone when the import has ended.
import_part = Table(
    "import_part",
    metadata,
    Column("job_id", Uuid, ForeignKey(import_job.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

import_row = Table(
    "import_row",
    metadata,
    Column("job_id", Uuid, ForeignKey(import_job.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("source_id", Text),
    Column("name", Text),
    Column("merchant_id", Uuid),
    Column("why", Text),
    Column("detail", Text),
    Column("notes", ARRAY(Text), nullable=False),
)
Index("import_row_source_id", import_row.c.job_id, import_row.c.source_id)
