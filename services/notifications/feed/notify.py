"""The one way a merchant is told something: into the feed, and on to the channels they agreed to."""

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
from services.notifications.advice.first_step import Step, take_first_steps
from services.notifications.delivery.queue import queue_mails
from services.notifications.feed.wording import Kind


class Notice(NamedTuple):
    """Something to tell one merchant."""

    city_id: UUID
    merchant_id: UUID
    kind: Kind
    reason: str
    """With merchant and kind, what makes it one effect: it is told once for ever."""
    data: dict[str, Any]
    caused_at: datetime
    traceparent: str | None

    @property
    def id(self) -> UUID:
        """The same for the same cause, so that a mail sent twice after a restored backup is recognised."""
        return deterministic_id(self.caused_at, "notification", self.merchant_id, self.kind, self.reason)


async def notify(tx: Transaction, notices: Sequence[Notice]) -> list[UUID]:
    """Add what was not told before to the feeds; returns the ids of the new notifications.

    Takes the locks of the recipients' feeds, in key order: call it once, last, in a transaction.
    The first notification after an assessment also names the merchant's first recommended step.
    """
    if not notices:
        return []
    ordered = sorted(notices, key=lambda each: (each.merchant_id, each.caused_at, each.kind, each.reason))
    sequences = await _reserve(tx, ordered)
    rows = [(notice, next(sequences[notice.merchant_id])) for notice in ordered]
    new = await _add(tx, rows)
    told = [notice for notice in ordered if notice.id in new]
    steps = await take_first_steps(tx, [(notice.merchant_id, notice.id) for notice in told])
    await _name_steps(tx, steps)
    await queue_mails(tx, [(notice.id, notice.merchant_id) for notice in told], utc_now())
    return [notice.id for notice in told]


async def _reserve(tx: Transaction, notices: Sequence[Notice]) -> dict[UUID, Any]:
    """The next numbers of each recipient. A number not used after all leaves a gap, which harms nobody."""
    wanted = Counter(notice.merchant_id for notice in notices)
    columns = {"merchants": list(wanted), "amounts": list(wanted.values())}
    rows = await tx.execute(_RESERVE, columns)
    return {merchant: iter(range(last - wanted[merchant] + 1, last + 1)) for merchant, last in rows}


async def _add(tx: Transaction, rows: Sequence[tuple[Notice, int]]) -> set[UUID]:
    columns = {
        "ids": [notice.id for notice, _ in rows],
        "cities": [notice.city_id for notice, _ in rows],
        "merchants": [notice.merchant_id for notice, _ in rows],
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
    INSERT INTO feed AS known (merchant_id, last_sequence)
    SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:amounts AS bigint[]))
    ON CONFLICT (merchant_id) DO UPDATE SET last_sequence = known.last_sequence + EXCLUDED.last_sequence
    RETURNING merchant_id, last_sequence
""")
_ADD = text("""
    INSERT INTO notification (id, city_id, merchant_id, sequence, kind, reason, data, created_at, traceparent)
    SELECT id, city_id, merchant_id, sequence, kind, reason, CAST(data AS jsonb),
           CAST(:now AS timestamptz), traceparent
    FROM unnest(CAST(:ids AS uuid[]), CAST(:cities AS uuid[]), CAST(:merchants AS uuid[]),
                CAST(:sequences AS bigint[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]),
                CAST(:data AS text[]), CAST(:traceparents AS text[]))
         AS notice (id, city_id, merchant_id, sequence, kind, reason, data, traceparent)
    ON CONFLICT (merchant_id, kind, reason) DO NOTHING
    RETURNING id
""")
_NAME_STEP = text("""
    UPDATE notification SET data = data || jsonb_build_object('first_step', named.step)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:steps AS text[])) AS named (id, step)
    WHERE notification.id = named.id
""")
