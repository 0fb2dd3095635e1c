"""The ways out of mails, and back in, for whoever has the secret of a mail: all of them, or one kind.

Leaving all ends the agreement. Coming back is a new one, and possible only where it was ended this way and
nothing was chosen since: somebody who no longer runs a shop cannot agree for whoever does.
"""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from sqlalchemy import text

from chassis.database import Transaction
from services.notifications.delivery.preferences import cancel_waiting
from services.notifications.feed.kinds import Standing, kind_of
from services.notifications.feed.wording import Kind
from services.notifications.recipients import Recipient, RecipientKind


def is_of_kind(kind: str | None) -> bool:
    """Whether that is one kind of news; a digest holds several, and to end it is to end all."""
    return kind is not None and kind in get_args(Kind) and kind_of(kind).standing is not Standing.binding


async def leave(tx: Transaction, token: str, kind: str | None, now: datetime) -> bool:
    """No more mails of that kind, or none at all; False where the token is nobody's.

    What waits is not sent: of a kind because each message looks at what is chosen when it goes out, of all
    because it is cancelled in the same transaction. Doing it twice changes nothing more.
    """
    if is_of_kind(kind):
        return (await tx.execute(_LEAVE_KIND, {"token": token, "kind": kind})).rowcount == 1
    row = (await tx.execute(_LEAVE, {"token": token, "now": now})).one_or_none()
    if row is None:
        return False
    await cancel_waiting(tx, Recipient(RecipientKind(row[0]), row[1]))
    return True


async def come_back(tx: Transaction, token: str, kind: str | None, now: datetime) -> bool:
    """Mails again, as before; False where the token is nobody's or cannot agree any more."""
    if is_of_kind(kind):
        back = await tx.execute(_BACK_TO_KIND, {"token": token, "kind": kind})
    else:
        back = await tx.execute(_BACK, {"token": token, "now": now})
    return back.rowcount == 1


_LEAVE = text("""
    UPDATE preference
    SET mail = false, agreed_at = NULL, version = version + CASE WHEN mail THEN 1 ELSE 0 END,
        left_at = CASE WHEN mail THEN CAST(:now AS timestamptz) ELSE left_at END
    WHERE unsubscribe_token = :token
    RETURNING recipient_kind, recipient_id
""")
_LEAVE_KIND = text("""
    UPDATE preference
    SET version = version + 1,
        choices = choices || jsonb_build_object('timings',
            coalesce(choices -> 'timings', '{}') || jsonb_build_object(CAST(:kind AS text),
                coalesce(choices -> 'timings' -> :kind, '{}') || '{"mail": "never"}'))
    WHERE unsubscribe_token = :token
""")
_BACK = text("""
    UPDATE preference
    SET mail = true, agreed_at = coalesce(agreed_at, CAST(:now AS timestamptz)), left_at = NULL,
        version = version + CASE WHEN mail THEN 0 ELSE 1 END
    WHERE unsubscribe_token = :token AND (mail OR left_at IS NOT NULL)
""")
_BACK_TO_KIND = text("""
    UPDATE preference
    SET version = version + 1, choices = choices #- ARRAY['timings', CAST(:kind AS text), 'mail']
    WHERE unsubscribe_token = :token AND mail
""")
