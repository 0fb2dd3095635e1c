"""Whom no mail goes to: noted when a mailbox is gone, asked before each mail, lifted by operators."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import text

from chassis.database import Database, Transaction
from services.notifications.suppression.bounces import Bounce


class Reason(StrEnum):
    """Why an address is on the list."""

    refused = "refused"
    """The relay did not take the recipient."""
    bounced = "bounced"
    """A server further on gave it up, and told the return path."""


class Suppression:
    """The list, kept by hashes under this service's secret: nobody reads an address out of a copy of it.

    With another secret no address is known again; each costs one more mail, and is on the list again.
    """

    def __init__(self, database: Database, secret: SecretStr) -> None:
        self._database = database
        self._key = b"suppression:" + secret.get_secret_value().encode()

    def hash_of(self, email: str) -> str:
        """The same however somebody writes its capitals."""
        return hmac.digest(self._key, email.strip().casefold().encode("utf-8", "replace"), "sha256").hex()

    async def before_sending(self, addresses: Mapping[UUID, str], now: datetime) -> set[UUID]:
        """Those of the deliveries whose address is on the list; which the others go to is remembered."""
        hashes = {delivery: self.hash_of(email) for delivery, email in addresses.items()}
        if not hashes:
            return set()
        async with self._database.transaction() as tx:
            listed = set((await tx.execute(_LISTED, {"hashes": list(hashes.values())})).scalars())
            going = sorted((each, said) for each, said in hashes.items() if said not in listed)
            columns = {"ids": [each for each, _ in going], "hashes": [said for _, said in going], "now": now}
            await tx.execute(_REMEMBER, columns)
        return {delivery for delivery, said in hashes.items() if said in listed}

    async def refused(self, delivery: UUID, email: str, now: datetime) -> None:
        """The relay said that there is no such mailbox."""
        async with self._database.transaction() as tx:
            await _add(tx, self.hash_of(email), Reason.refused, status=None, delivery=delivery, now=now)

    async def bounced(self, delivery: UUID, bounce: Bounce, now: datetime) -> bool:
        """A server further on gave that delivery up; False where no such one is remembered."""
        async with self._database.transaction() as tx:
            values = {"id": delivery, "status": bounce.status, "now": now}
            address = await tx.scalar(_BOUNCED, values)
            if address is not None and bounce.is_of_mailbox:
                await _add(tx, address, Reason.bounced, status=bounce.status, delivery=delivery, now=now)
        return address is not None


async def lift(tx: Transaction, address_hash: str) -> bool:
    """Mails go there again; False where the address was not on the list."""
    return (await tx.execute(_LIFT, {"hash": address_hash})).rowcount == 1


async def _add(
    tx: Transaction,
    address_hash: str,
    reason: Reason,
    *,
    status: str | None,
    delivery: UUID,
    now: datetime,
) -> None:
    values = {
        "hash": address_hash,
        "reason": reason.value,
        "status": status,
        "delivery": delivery,
        "now": now,
    }
    await tx.execute(_ADD, values)


_LISTED = text("SELECT address_hash FROM suppression WHERE address_hash = ANY(CAST(:hashes AS text[]))")
_REMEMBER = text("""
    INSERT INTO mailed AS known (delivery_id, address_hash, begun_at)
    SELECT id, hash, CAST(:now AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS text[])) AS going (id, hash)
    ON CONFLICT (delivery_id) DO UPDATE SET address_hash = EXCLUDED.address_hash, begun_at = EXCLUDED.begun_at
""")
_BOUNCED = text("""
    UPDATE mailed SET bounced_at = :now, bounce_status = :status WHERE delivery_id = :id
    RETURNING address_hash
""")
_ADD = text("""
    INSERT INTO suppression (address_hash, reason, status, since, delivery_id)
    VALUES (:hash, :reason, :status, :now, :delivery)
    ON CONFLICT (address_hash) DO NOTHING
""")
_LIFT = text("DELETE FROM suppression WHERE address_hash = :hash")
