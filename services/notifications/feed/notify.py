"""The one way somebody is told something: into their feed, and on to the channels they agreed to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.clock import utc_now
from chassis.database import Transaction
from chassis.ids import deterministic_id
from chassis.writing import may_still_write
from services.notifications.advice.first_step import Step, take_first_steps
from services.notifications.delivery.planning import Told, plan
from services.notifications.feed.wording import Kind
from services.notifications.recipients import Recipient, RecipientKind, as_arrays


class Notice(NamedTuple):
    """Something to tell one recipient."""

    city_id: UUID
    recipient: Recipient
    kind: Kind
    reason: str
    """With recipient and kind, what makes it one effect: it is told once for ever."""
    data: dict[str, Any]
    caused_at: datetime
    traceparent: str | None

    @property
    def id(self) -> UUID:
        """The same for the same cause, so that a mail sent twice after a restored backup is recognised."""
        return deterministic_id(self.caused_at, "notification", self.recipient.id, self.kind, self.reason)


async def notify(tx: Transaction, notices: Sequence[Notice]) -> list[UUID]:
    """Add what was not told before to the feeds; returns the ids of the new notifications.

    Takes the locks of the recipients' feeds, in key order: call it once, last, in a transaction. Whoever
    was erased is told nothing. The first notification of a merchant after an assessment also names the
    first recommended step.
    """
    ordered = await _to_those_who_are_known(
        tx, sorted(notices, key=lambda each: (each.recipient, each.caused_at, each.kind, each.reason))
    )
    if not ordered:
        return []
    sequences = await _reserve(tx, ordered)
    ids = [notice.id for notice in ordered]
    new = await _add(tx, ids, [(notice, next(sequences[notice.recipient])) for notice in ordered])
    told = [
        Told(identifier, notice.recipient, notice.city_id, notice.kind, notice.traceparent)
        for identifier, notice in zip(ids, ordered, strict=True)
        if identifier in new
    ]
    shops = [(each.recipient.id, each.id) for each in told if each.recipient.kind is RecipientKind.merchant]
    await _name_steps(tx, await take_first_steps(tx, shops))
    await plan(tx, told, utc_now())
    return [each.id for each in told]


async def _to_those_who_are_known(tx: Transaction, notices: Sequence[Notice]) -> list[Notice]:
    """Without those to persons who were erased; an erasure that is under way is waited for."""
    erased = {
        recipient
        for recipient in sorted({each.recipient for each in notices})
        if recipient.kind is RecipientKind.person and not await may_still_write(tx, str(recipient.id))
    }
    return [each for each in notices if each.recipient not in erased]


async def _reserve(tx: Transaction, notices: Sequence[Notice]) -> dict[Recipient, Any]:
    """The next numbers of each recipient. A number not used after all leaves a gap, which harms nobody."""
    wanted = Counter(notice.recipient for notice in notices)
    columns = {**as_arrays(list(wanted)), "amounts": list(wanted.values())}
    found = {Recipient(RecipientKind(row[0]), row[1]): row[2] for row in await tx.execute(_RESERVE, columns)}
    return {each: iter(range(last - wanted[each] + 1, last + 1)) for each, last in found.items()}


async def _add(tx: Transaction, ids: Sequence[UUID], rows: Sequence[tuple[Notice, int]]) -> set[UUID]:
    columns = {
        "ids": ids,
        "cities": [notice.city_id for notice, _ in rows],
        **as_arrays([notice.recipient for notice, _ in rows]),
        "sequences": [sequence for _, sequence in rows],
        "kinds": [notice.kind for notice, _ in rows],
        "reasons": [notice.reason for notice, _ in rows],
        "data": [json.dumps(notice.data) for notice, _ in rows],
        "traceparents": [notice.traceparent for notice, _ in rows],
        "now": utc_now(),
    }
    return set((await tx.execute(_ADD, columns)).scalars())


async def _name_steps(tx: Transaction, steps: Sequence[Step]) -> None:
    if steps:
        columns = {"ids": [each.notification_id for each in steps], "steps": [each.step for each in steps]}
        await tx.execute(_NAME_STEP, columns)


_RESERVE = text("""
    INSERT INTO feed AS known (recipient_kind, recipient_id, last_sequence)
    SELECT * FROM unnest(CAST(:recipient_kinds AS text[]), CAST(:recipient_ids AS uuid[]),
                         CAST(:amounts AS bigint[]))
    ON CONFLICT (recipient_kind, recipient_id)
    DO UPDATE SET last_sequence = known.last_sequence + EXCLUDED.last_sequence
    RETURNING recipient_kind, recipient_id, last_sequence
""")
_ADD = text("""
    INSERT INTO notification (id, city_id, recipient_kind, recipient_id, sequence, kind, reason, data,
                              created_at, traceparent)
    SELECT id, city_id, recipient_kind, recipient_id, sequence, kind, reason, CAST(data AS jsonb),
           CAST(:now AS timestamptz), traceparent
    FROM unnest(CAST(:ids AS uuid[]), CAST(:cities AS uuid[]), CAST(:recipient_kinds AS text[]),
                CAST(:recipient_ids AS uuid[]), CAST(:sequences AS bigint[]), CAST(:kinds AS text[]),
                CAST(:reasons AS text[]), CAST(:data AS text[]), CAST(:traceparents AS text[]))
         AS notice (id, city_id, recipient_kind, recipient_id, sequence, kind, reason, data, traceparent)
    ON CONFLICT (recipient_kind, recipient_id, kind, reason) DO NOTHING
    RETURNING id
""")
_NAME_STEP = text("""
    UPDATE notification SET data = data || jsonb_build_object('first_step', named.step)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:steps AS text[])) AS named (id, step)
    WHERE notification.id = named.id
""")
