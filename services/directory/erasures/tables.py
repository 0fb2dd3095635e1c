"""Who asked to be forgotten, and which owners have done so."""

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Index, Table, Text, Uuid, text

from services.directory.metadata import metadata

# The id of the person is kept, so that every owner can be told again after a restore. Once all have erased
# them it is the id of nobody: no other row anywhere holds it.
erasure = Table(
    "erasure",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("closes_shops", Boolean, nullable=False),
    # NULL until the person says so a second time: what follows cannot be undone.
    Column("confirmed_at", DateTime(timezone=True)),
    Column("closed_merchant_ids", ARRAY(Uuid), nullable=False),
    Column("left_merchant_ids", ARRAY(Uuid), nullable=False),
)
Index(
    "erasure_once",
    erasure.c.person_id,
    unique=True,
    postgresql_where=text("confirmed_at IS NOT NULL"),
)

# No foreign key: after a restore an owner may tell that it is done before the request is known again.
erasure_part = Table(
    "erasure_part",
    metadata,
    Column("erasure_id", Uuid, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("done_at", DateTime(timezone=True), nullable=False),
)
