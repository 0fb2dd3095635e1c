"""Connected accounts, and requests to connect one. What opens an account lies sealed."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.campaigns.connections.domain import State
from services.campaigns.metadata import metadata

_STATES = ", ".join(f"'{state}'" for state in State)

connection = Table(
    "connection",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("connector", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("person_id", Uuid),  # whose account it is; none once they are erased
    Column("sealed_token", LargeBinary),  # for the row's id alone
    Column("location", Text),
    Column("title", Text),
    Column("link", Text),
    Column("reason", Text),  # why it was disconnected
    Column("connected_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True)),  # none: nothing is read
    Column("looked_at", DateTime(timezone=True)),
    Column("trouble", Text),
    Column("failures", Integer, nullable=False),
    UniqueConstraint("merchant_id", "connector", name="connection_once"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("(sealed_token IS NULL) = (state = 'disconnected')", name="token_while_it_holds"),
    CheckConstraint("state <> 'connected' OR location IS NOT NULL", name="connected_to_a_place"),
    Index("connection_due", "due_at", "id"),
)

connection_request = Table(
    "connection_request",
    metadata,
    Column("state_hash", LargeBinary, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("connector", Text, nullable=False),
    Column("person_id", Uuid, nullable=False),  # nobody else may come back with it
    Column("sealed_verifier", LargeBinary, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Index("connection_request_by_time", "asked_at"),
)
