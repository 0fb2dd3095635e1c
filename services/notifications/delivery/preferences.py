"""What a recipient agreed to. Withdrawing an agreement is as easy as giving it, and works at once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.notifications.delivery.choices import Choices, Timing
from services.notifications.recipients import Recipient, RecipientKind, as_arrays, as_values, to_merchant

NOTHING_CHOSEN = Choices()


class Preference(NamedTuple):
    """Version 0 is that of a recipient who never chose: no mail."""

    recipient: Recipient
    version: int = 0
    mail: bool = False
    agreed_at: datetime | None = None
    language: str | None = None
    choices: Choices = NOTHING_CHOSEN


async def preference_of(
    connection: AsyncConnection, recipient: Recipient, *, lock: bool = False
) -> Preference:
    """What the recipient chose, or the default; with `lock` nobody else changes it meanwhile."""
    statement = text(_SELECT + (" FOR UPDATE" if lock else ""))
    row = (await connection.execute(statement, as_values(recipient))).one_or_none()
    return _preference(row) if row else Preference(recipient)


def _preference(row: Sequence[Any]) -> Preference:
    kind, recipient_id, version, mail, agreed_at, language, choices = row
    recipient = Recipient(RecipientKind(kind), recipient_id)
    return Preference(recipient, version, mail, agreed_at, language, choices_of(choices))


def choices_of(stored: Mapping[str, Any]) -> Choices:
    """What is stored; a choice of a newer version that was rolled back is passed over."""
    known = {each.name: stored[each.name] for each in fields(Choices) if each.name in stored}
    timings = {
        kind: {channel: Timing(timing) for channel, timing in by_channel.items()}
        for kind, by_channel in known.pop("timings", {}).items()
    }
    return Choices(timings=timings, **known)


async def preferences_of(
    connection: AsyncConnection, recipients: Sequence[Recipient]
) -> dict[Recipient, Preference]:
    """What each of them chose, or the default."""
    found = {each: Preference(each) for each in recipients}
    for row in await connection.execute(_SELECT_ALL, as_arrays(recipients)):
        preference = _preference(row)
        found[preference.recipient] = preference
    return found


async def choose(
    tx: Transaction,
    before: Preference,
    city: UUID | None,
    *,
    mail: bool,
    language: str,
    now: datetime,
    choices: Choices | None = None,
) -> Preference | None:
    """Set what a recipient wants, `before` being what was read; None where somebody else was first.

    `city` is that of a merchant; what a person chooses holds in every city. Without `choices` these stay.
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
        "choices": json.dumps(asdict(choices or before.choices)),
        "token": secrets.token_urlsafe(24),
    }
    row = (await tx.execute(_CHOOSE, values)).one_or_none()
    return _preference(row) if row else None


async def end_agreements(tx: Transaction, shops: Mapping[UUID, datetime]) -> None:
    """End what was agreed for these shops before that time: whoever runs them since has agreed to nothing.

    What waits to be sent is cancelled. Done again, it ends nothing that was agreed to later.
    """
    merchants = sorted(shops)
    columns = {"merchants": merchants, "before": [shops[each] for each in merchants]}
    for merchant in (await tx.execute(_END, columns)).scalars().all():
        await cancel_waiting(tx, to_merchant(merchant))


async def cancel_waiting(tx: Transaction, recipient: Recipient) -> None:
    """Suppress the mails to a recipient that nobody is sending at this moment, but for what is binding.

    What is binding is told apart when it is claimed: messages of it alone are left.
    """
    await tx.execute(_CANCEL, as_values(recipient))


_SELECT = """
    SELECT recipient_kind, recipient_id, version, mail, agreed_at, language, choices FROM preference
    WHERE recipient_kind = :recipient_kind AND recipient_id = :recipient_id
"""
_SELECT_ALL = text("""
    SELECT recipient_kind, recipient_id, version, mail, agreed_at, language, choices FROM preference
    WHERE (recipient_kind, recipient_id) IN (
        SELECT * FROM unnest(CAST(:recipient_kinds AS text[]), CAST(:recipient_ids AS uuid[])))
""")
_CHOOSE = text("""
    INSERT INTO preference AS known (recipient_kind, recipient_id, city_id, version, mail, agreed_at,
                                     language, choices, unsubscribe_token)
    VALUES (:recipient_kind, :recipient_id, :city, 1, :mail, :agreed_at, :language,
            CAST(:choices AS jsonb), :token)
    ON CONFLICT (recipient_kind, recipient_id) DO UPDATE
    SET version = known.version + 1, mail = EXCLUDED.mail, agreed_at = EXCLUDED.agreed_at,
        language = EXCLUDED.language, choices = EXCLUDED.choices, left_at = NULL
    WHERE known.version = :before
    RETURNING recipient_kind, recipient_id, version, mail, agreed_at, language, choices
""")
_END = text("""
    UPDATE preference
    SET mail = false, agreed_at = NULL, language = NULL, left_at = NULL, version = version + 1
    FROM unnest(CAST(:merchants AS uuid[]), CAST(:before AS timestamptz[])) AS ended (merchant_id, before)
    WHERE recipient_kind = 'merchant' AND recipient_id = ended.merchant_id
      AND (mail OR language IS NOT NULL OR left_at IS NOT NULL)
      AND coalesce(agreed_at, left_at, '-infinity') < ended.before
    RETURNING recipient_id
""")
_CANCEL = text("""
    UPDATE delivery SET state = 'suppressed', due_at = NULL, finished_at = now(), reason = 'unsubscribed'
    WHERE recipient_kind = :recipient_kind AND recipient_id = :recipient_id
      AND channel = 'mail' AND state IN ('pending', 'failed_for_now')
      AND NOT EXISTS (
        SELECT 1 FROM decision WHERE delivery_id = delivery.id AND rules[1] = 'binding'
      )
""")
