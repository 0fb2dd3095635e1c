"""Mails on their way. What is sent, refused for good or too old is deleted: there is no history here."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.directory.metadata import metadata

mail = Table(
    "mail",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # When it is to be tried (again); while it is being sent, when that attempt counts as dead.
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    # Also the fence: only the attempt that claimed a mail last may say what became of it.
    Column("attempts", Integer, nullable=False),
    Column("traceparent", Text),
)
Index("mail_due_at", mail.c.due_at)
