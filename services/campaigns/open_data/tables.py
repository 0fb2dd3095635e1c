"""What was published of each month. A row is never changed: what two editions differ by says too much."""

from sqlalchemy import Column, Date, DateTime, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.campaigns.metadata import metadata

open_data_month = Table(
    "open_data_month",
    metadata,
    Column("city_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),  # its first day
    Column("cells", JSONB, nullable=False),
    Column("closed_at", DateTime(timezone=True), nullable=False),
)
