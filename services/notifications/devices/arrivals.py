"""What became of a message in each browser of its recipient, so that a retry goes to those that are left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.notifications.delivery.queue import Due
from services.notifications.devices.storage import Device
from services.notifications.recipients import as_values

FAILING_FOR = timedelta(days=14)
"""A browser whose push service took nothing for so long is forgotten: one that is off fails nowhere."""


class Arrival(NamedTuple):
    """A message and a browser that took it, or whose push service refused it for good."""

    delivery_id: UUID
    device_id: str
    taken: bool


async def arrivals_of(connection: AsyncConnection, due: Sequence[Due]) -> list[Arrival]:
    """What is known of them."""
    rows = await connection.execute(_OF, {"ids": [each.id for each in due]})
    return [Arrival(*row) for row in rows]


async def taken(tx: Transaction, due: Due, device: Device, now: datetime) -> None:
    """It arrived there."""
    values = {**_key(device), "now": now}
    await tx.execute(_ARRIVED, {**values, "delivery": due.id, "city": due.city_id, "taken": True})
    await tx.execute(_WORKS, values)


async def refused(tx: Transaction, due: Due, device: Device, now: datetime) -> None:
    """It will never arrive there."""
    values = {**_key(device), "now": now}
    await tx.execute(_ARRIVED, {**values, "delivery": due.id, "city": due.city_id, "taken": False})
    await failed(tx, device, now)


async def failed(tx: Transaction, device: Device, now: datetime, wait: timedelta = timedelta(0)) -> None:
    """Its push service took nothing, and asks to be left alone for so long."""
    await tx.execute(_FAILED, {**_key(device), "now": now, "not_before": now + wait if wait else None})


async def forget_failing(tx: Transaction, devices: Sequence[Device], now: datetime) -> None:
    """Those of them that have taken nothing for FAILING_FOR. Asked when a message to them is given up."""
    for device in devices:
        await tx.execute(_FORGET, {**_key(device), "failing_before": now - FAILING_FOR})


def _key(device: Device) -> dict[str, object]:
    return {**as_values(device.recipient), "device": device.device_id}


_IT = "device_id = :device AND recipient_kind = :recipient_kind AND recipient_id = :recipient_id"
_OF = text("""
    SELECT delivery_id, device_id, taken FROM delivery_device
    WHERE delivery_id = ANY(CAST(:ids AS uuid[]))
""")
_ARRIVED = text("""
    INSERT INTO delivery_device (delivery_id, device_id, city_id, recipient_kind, recipient_id, taken, at)
    VALUES (:delivery, :device, :city, :recipient_kind, :recipient_id, :taken, :now)
    ON CONFLICT (delivery_id, device_id) DO UPDATE
    SET taken = delivery_device.taken OR EXCLUDED.taken, at = EXCLUDED.at
""")
_WORKS = text(f"UPDATE device SET used_at = :now, failing_since = NULL WHERE {_IT}")  # noqa: S608  constants
_FAILED = text(f"""
    UPDATE device
    SET failing_since = coalesce(failing_since, :now), not_before = CAST(:not_before AS timestamptz)
    WHERE {_IT}
""")  # noqa: S608  constants
_FORGET = text(f"""
    DELETE FROM device WHERE {_IT} AND failing_since <= CAST(:failing_before AS timestamptz)
""")  # noqa: S608  constants
