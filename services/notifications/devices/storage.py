"""Which browsers somebody is told in: those they asked for, as long as their push services know them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.notifications.merchants.claimed import ACTIVE
from services.notifications.recipients import Recipient, RecipientKind, as_arrays, as_values

MOST = 10
"""Of one recipient; the one that was not used for longest makes room."""


class Subscription(NamedTuple):
    """What a browser gives for us to reach it (W3C Push API), checked; keys in base64url as it has them."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def device_id(self) -> str:
        return sha256(self.endpoint.encode()).hexdigest()


class Device(NamedTuple):
    """A browser of a recipient."""

    device_id: str
    recipient: Recipient
    subscription: Subscription
    language: str
    since: datetime
    not_before: datetime | None
    """Until when its push service asked to be left alone."""


async def devices_of(connection: AsyncConnection, recipients: Sequence[Recipient]) -> list[Device]:
    """Those in which somebody may be told now: of a shop, what its present holder asked for."""
    return [
        Device(row[0], Recipient(RecipientKind(row[1]), row[2]), Subscription(*row[3:6]), *row[6:])
        for row in await connection.execute(_OF, as_arrays(list(recipients)))
    ]


async def with_devices(connection: AsyncConnection, recipients: Sequence[Recipient]) -> set[Recipient]:
    """Who of them is told in a browser at all."""
    rows = await connection.execute(_WITH, as_arrays(recipients))
    return {Recipient(RecipientKind(kind), recipient_id) for kind, recipient_id in rows}


async def add(
    tx: Transaction,
    recipient: Recipient,
    subscription: Subscription,
    *,
    city: UUID | None,
    person: UUID,
    language: str,
    now: datetime,
) -> None:
    """Tell them there from now on; doing it again renews it."""
    values = {
        **as_values(recipient),
        "device": subscription.device_id,
        "city": city,
        "person": person,
        **subscription._asdict(),
        "language": language,
        "now": now,
    }
    await tx.execute(_ADD, values)
    await tx.execute(_MAKE_ROOM, {**as_values(recipient), "most": MOST})


async def remove(tx: Transaction, recipient: Recipient, device_id: str) -> bool:
    """Tell them there no more; False where they were not."""
    values = {**as_values(recipient), "device": device_id}
    return (await tx.execute(_REMOVE, values)).rowcount == 1


async def forget(tx: Transaction, device_id: str) -> None:
    """Its push service knows it no more: whoever was told there."""
    await tx.execute(text("DELETE FROM device WHERE device_id = :device"), {"device": device_id})


_MAY_BE_TOLD = f"""
    (device.recipient_kind = 'person' OR EXISTS (
        SELECT FROM merchant WHERE merchant_id = device.recipient_id AND {ACTIVE}
                               AND merchant.claimed_version = device.claimed_version))
"""
_ASKED = """
    (recipient_kind, recipient_id) IN (
        SELECT * FROM unnest(CAST(:recipient_kinds AS text[]), CAST(:recipient_ids AS uuid[])))
"""
_OF = text(f"""
    SELECT device_id, recipient_kind, recipient_id, endpoint, p256dh, auth, language, since, not_before
    FROM device WHERE {_ASKED} AND {_MAY_BE_TOLD} ORDER BY since, device_id
""")  # noqa: S608  constants
_WITH = text(f"""
    SELECT DISTINCT recipient_kind, recipient_id FROM device WHERE {_ASKED} AND {_MAY_BE_TOLD}
""")  # noqa: S608  constants
_ADD = text("""
    INSERT INTO device AS known (device_id, recipient_kind, recipient_id, city_id, person_id, claimed_version,
                                 endpoint, p256dh, auth, language, since, used_at)
    VALUES (:device, :recipient_kind, :recipient_id, :city, :person,
            coalesce((SELECT claimed_version FROM merchant WHERE merchant_id = :recipient_id), 0),
            :endpoint, :p256dh, :auth, :language, :now, :now)
    ON CONFLICT (device_id, recipient_kind, recipient_id) DO UPDATE
    SET person_id = EXCLUDED.person_id, claimed_version = EXCLUDED.claimed_version,
        p256dh = EXCLUDED.p256dh, auth = EXCLUDED.auth, language = EXCLUDED.language,
        used_at = EXCLUDED.used_at, failing_since = NULL
""")
_MAKE_ROOM = text("""
    DELETE FROM device WHERE (device_id, recipient_kind, recipient_id) IN (
        SELECT device_id, recipient_kind, recipient_id FROM device
        WHERE recipient_kind = :recipient_kind AND recipient_id = :recipient_id
        ORDER BY used_at DESC, device_id OFFSET :most)
""")
_REMOVE = text("""
    DELETE FROM device
    WHERE device_id = :device AND recipient_kind = :recipient_kind AND recipient_id = :recipient_id
""")
