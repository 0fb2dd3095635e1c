"""Browsers that somebody is told in, as they asked for there, and what arrived in each."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Index, Integer, Table, Text, Uuid

from services.notifications.metadata import metadata
from services.notifications.recipients import recipient_columns

device = Table(
    "device",
    metadata,
    # SHA-256 of the endpoint: a browser knows its own, and nobody else can make it.
    Column("device_id", Text, primary_key=True),
    *recipient_columns(primary_key=True),
    # A merchant's; a person is told of every city.
    Column("city_id", Uuid),
    # Whose browser it is: of a shop, one of those who run it.
    Column("person_id", Uuid, nullable=False),
    # Which holder of the shop asked: one who came after them has not.
    Column("claimed_version", Integer, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", Text, nullable=False),
    Column("auth", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=False),
    # Since when its push service has taken nothing of what it was given; NULL where it took the last.
    Column("failing_since", DateTime(timezone=True)),
    # Until when its push service asked to be left alone.
    Column("not_before", DateTime(timezone=True)),
    CheckConstraint("(recipient_kind = 'merchant') = (city_id IS NOT NULL)", name="device_of_a_city"),
)
Index("device_recipient", device.c.recipient_kind, device.c.recipient_id)
Index("device_used_at", device.c.used_at)

# What became of a message in a browser of its recipient: a retry goes to those that are left.
delivery_device = Table(
    "delivery_device",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("device_id", Text, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    *recipient_columns(),
    # Or refused for good.
    Column("taken", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
Index("delivery_device_at", delivery_device.c.at)
