"""The first recommended step of each merchant's newest assessment."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Table, Text, Uuid

from services.notifications.metadata import metadata

advice = Table(
    "advice",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("assessment_id", Uuid, nullable=False),
    Column("completed_at", DateTime(timezone=True), nullable=False),
    # NULL where the assessment recommended nothing: an older recommendation is out of date all the same.
    Column("step", Text),
    Column("told_in", Uuid),
)
