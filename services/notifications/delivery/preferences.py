"""What a merchant agreed to. Withdrawing an agreement is as easy as giving it, and works at once."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction


class Preference(NamedTuple):
    """Version 0 is that of a merchant who never chose: no mail."""

    merchant_id: UUID
    version: int = 0
    mail: bool = False
    agreed_at: datetime | None = None
    language: str | None = None


async def preference_of(connection: AsyncConnection, merchant: UUID, *, lock: bool = False) -> Preference:
    """What the merchant chose, or the default; with `lock` nobody else changes it meanwhile."""
    statement = text(_SELECT + (" FOR UPDATE" if lock else ""))
    row = (await connection.execute(statement, {"merchant": merchant})).one_or_none()
    return Preference(*row) if row else Preference(merchant)


async def choose(
    tx: Transaction, before: Preference, city: UUID, *, mail: bool, language: str, now: datetime
) -> Preference | None:
    """Set what a merchant wants, `before` being what was read; None where somebody else was first.

    The time of the agreement is kept for as long as it lasts: it is what shows that there is one.
    """
    agreed_at = (before.agreed_at or now) if mail else None
    values = {
        "merchant": before.merchant_id,
        "city": city,
        "before": before.version,
        "mail": mail,
        "agreed_at": agreed_at,
        "language": language,
        "token": secrets.token_urlsafe(24),
    }
    row = (await tx.execute(_CHOOSE, values)).one_or_none()
    return Preference(*row) if row else None


async def unsubscribe(tx: Transaction, token: str) -> bool:
    """No more mails for the merchant whose token this is; False where it is nobody's.

    Mails that wait are cancelled in the same transaction. Doing it twice changes nothing more.
    """
    merchant = (await tx.execute(_UNSUBSCRIBE, {"token": token})).scalar_one_or_none()
    if merchant is None:
        return False
    await cancel_waiting(tx, merchant)
    return True


async def cancel_waiting(tx: Transaction, merchant: UUID) -> None:
    """Cancel the mails to a merchant that nobody is sending at this moment."""
    await tx.execute(_CANCEL, {"merchant": merchant})


_SELECT = """
    SELECT merchant_id, version, mail, agreed_at, language FROM preference WHERE merchant_id = :merchant
"""
_CHOOSE = text("""
    INSERT INTO preference AS known (merchant_id, city_id, version, mail, agreed_at, language,
                                     unsubscribe_token)
    VALUES (:merchant, :city, 1, :mail, :agreed_at, :language, :token)
    ON CONFLICT (merchant_id) DO UPDATE
    SET version = known.version + 1, mail = EXCLUDED.mail, agreed_at = EXCLUDED.agreed_at,
        language = EXCLUDED.language
    WHERE known.version = :before
    RETURNING merchant_id, version, mail, agreed_at, language
""")
_UNSUBSCRIBE = text("""
    UPDATE preference
    SET mail = false, agreed_at = NULL, version = version + CASE WHEN mail THEN 1 ELSE 0 END
    WHERE unsubscribe_token = :token
    RETURNING merchant_id
""")
_CANCEL = text("""
    UPDATE delivery SET state = 'cancelled', due_at = NULL, finished_at = now(), reason = 'unsubscribed'
    WHERE merchant_id = :merchant AND state = 'pending'
""")
