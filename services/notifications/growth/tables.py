"""Which weeks were looked at for rises, and how far."""

from sqlalchemy import Column, Date, DateTime, Table, Uuid

from services.notifications.metadata import metadata

judged_week = Table(
    "judged_week",
    metadata,
    Column("week", Date, primary_key=True),  # its Monday
    Column("after_merchant", Uuid),  # the last one that was looked at
    Column("done_at", DateTime(timezone=True)),
)
