"""What a recipient agreed to. Withdrawing an agreement is as easy as giving it, and works at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.notifications.recipients import Recipient, RecipientKind, as_values


class Preference(NamedTuple):
    """Version 0 is that of a recipient who never chose: no mail."""

    recipient: Recipient
    version: int = 0
    mail: bool = False
    agreed_at: datetime | None = None
    language: str | None = None


async def preference_of(
    connection: AsyncConnection, recipient: Recipient, *, lock: bool = False
) -> Preference:
    """What the recipient chose, or the default; with `lock` nobody else changes it meanwhile."""
    statement = text(_SELECT + (" FOR UPDATE" if lock else ""))
    row = (await connection.execute(statement, as_values(recipient))).one_or_none()
    return _preference(row) if row else Preference(recipient)


def _preference(row: Sequence[Any]) -> Preference:
    kind, recipient_id, *rest = row
    return Preference(Recipient(RecipientKind(kind), recipient_id), *rest)


async def choose(
    tx: Transaction, before: Preference, city: UUID | None, *, mail: bool, language: str, now: datetime
) -> Preference | None:
    """Set what a recipient wants, `before` being what was read; None where somebody else was first.

    `city` is that of a merchant; what a person chooses holds in every city.
    The time of the agreement is kept for as long as it lasts: it is what shows that there is one.
    """
    agreed_at = (before.agreed_at or now) if mail else None
    values = {
        **as_values(before.recipient),
        "city": city,
        "before": before.version,
        "mail": mail,
        "agreed_at": agreed_at,
        "language": language,
        "token": secrets.token_urlsafe(24),
    }
    row = (await tx.execute(_CHOOSE, values)).one_or_none()
    return _preference(row) if row else None


async def unsubscribe(tx: Transaction, token: str) -> bool:
    """No more mails for the recipient whose token this is; False where it is nobody's.

    Mails that wait are cancelled in the same transaction. Doing it twice changes nothing more.
    """
    row = (await tx.execute(_UNSUBSCRIBE, {"token": token})).one_or_none()
    if row is None:
        return False
    await cancel_waiting(tx, Recipient(RecipientKind(row[0]), row[1]))
    return True


async def cancel_waiting(tx: Transaction, recipient: Recipient) -> None:
    """Cancel the mails to a recipient that nobody is sending at this moment."""
    await tx.execute(_CANCEL, as_values(recipient))


_SELECT = """
    SELECT recipient_kind, recipient_id, version, mail, agreed_at, language FROM preference
    WHERE recipient_kind = :recipient_kind AND recipient_id = :recipient_id
"""
_CHOOSE = text("""
    INSERT INTO preference AS known (recipient_kind, recipient_id, city_id, version, mail, agreed_at,
                                     language, unsubscribe_token)
    VALUES (:recipient_kind, :recipient_id, :city, 1, :mail, :agreed_at, :language, :token)
    ON CONFLICT (recipient_kind, recipient_id) DO UPDATE
    SET version = known.version + 1, mail = EXCLUDED.mail, agreed_at = EXCLUDED.agreed_at,
        language = EXCLUDED.language
    WHERE known.version = :before
    RETURNING recipient_kind, recipient_id, version, mail, agreed_at, language
""")
_UNSUBSCRIBE = text("""
    UPDATE preference
    SET mail = false, agreed_at = NULL, version = version + CASE WHEN mail THEN 1 ELSE 0 END
    WHERE unsubscribe_token = :token
    RETURNING recipient_kind, recipient_id
""")
_CANCEL = text("""
    UPDATE delivery SET state = 'cancelled', due_at = NULL, finished_at = now(), reason = 'unsubscribed'
    WHERE recipient_kind = :recipient_kind AND recipient_id = :recipient_id AND state = 'pending'
""")
