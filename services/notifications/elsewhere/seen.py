"""Keeps what is seen of merchants elsewhere, beside their audience and never in it: no milestone counts it.

Of one thing the newest version holds: any order of delivery, and any repetition, ends in the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, text

from chassis.consumer import Consumer
from chassis.database import Database, Transaction
from chassis.received import Received
from contracts.campaigns.v1 import SeenElsewhere, SeenElsewhereTakenBack
from services.notifications.merchants.erased import erased_among

Told: TypeAlias = SeenElsewhere | SeenElsewhereTakenBack


class Seen(NamedTuple):
    """Posts of one kind and source on a platform, or the last figure from there."""

    platform: str
    what: str
    source: str
    amount: float
    scale: int | None
    day: date


class ToldOf(NamedTuple):
    """One post, or one figure of one day."""

    seen_id: UUID
    platform: str
    what: str
    source: str
    day: date
    figure: float | None
    scale: int | None


async def keep(tx: Transaction, events: Sequence[Received[Told]]) -> None:
    """Keep what is newer, in the order of the ids. What is said of a town is no merchant's."""
    newest: dict[UUID, Told] = {}
    for fact in (event.fact for event in events):
        known = newest.get(fact.seen_id)
        if fact.merchant_id is not None and (known is None or known.version < fact.version):
            newest[fact.seen_id] = fact
    merchants = [fact.merchant_id for fact in newest.values() if fact.merchant_id is not None]
    gone = await erased_among(tx, merchants) if merchants else set()
    rows = [_row(newest[each]) for each in sorted(newest) if newest[each].merchant_id not in gone]
    if rows:
        await tx.execute(_KEEP, {"rows": msgspec.json.encode(rows).decode()})


async def seen_of(database: Database, merchant: UUID) -> list[Seen]:
    """By platform. Of several figures of one measure the newest, of whichever profile it is."""
    async with database.connection() as connection:
        return [Seen(*row) for row in await connection.execute(_SEEN, {"merchant": merchant})]


async def told_of(database: Database, merchant: UUID, before: UUID | None, limit: int) -> Sequence[ToldOf]:
    """What the figures elsewhere are made of, by falling id, from below `before`."""
    columns = {"merchant": merchant, "before": before, "limit": limit}
    async with database.connection() as connection:
        return [ToldOf(*row) for row in await connection.execute(_TOLD, columns)]


def elsewhere_consumer() -> Consumer:
    """The newest version holds, however old or repeated the news."""
    types = (SeenElsewhere, SeenElsewhereTakenBack)
    return Consumer("notifications__elsewhere", types, keep, horizon=None)


def _row(fact: Told) -> dict[str, object]:
    return msgspec.structs.asdict(fact) | {"shown": isinstance(fact, SeenElsewhere)}


_KEEP = text("""
    INSERT INTO seen_elsewhere AS known
        (seen_id, merchant_id, city_id, version, shown, platform, source, what, day, figure, scale)
    SELECT seen_id, merchant_id, city_id, version, shown, platform, source, what, day, figure, scale
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS news (seen_id uuid, merchant_id uuid, city_id uuid, version integer, shown boolean, platform text,
                  source text, what text, day date, figure double precision, scale smallint)
    ORDER BY seen_id
    ON CONFLICT (seen_id) DO UPDATE SET
        (version, shown, platform, source, what, day, figure, scale) =
        (excluded.version, excluded.shown, excluded.platform, excluded.source, excluded.what, excluded.day,
         excluded.figure, excluded.scale)
    WHERE excluded.version > known.version
""").bindparams(bindparam("rows", type_=Text))
_SEEN = text("""
    SELECT platform, what, source, count(*), NULL, max(day) FROM seen_elsewhere
    WHERE merchant_id = :merchant AND shown AND figure IS NULL
    GROUP BY platform, what, source
    UNION ALL
    (SELECT DISTINCT ON (platform, what) platform, what, source, figure, scale, day FROM seen_elsewhere
     WHERE merchant_id = :merchant AND shown AND figure IS NOT NULL
     ORDER BY platform, what, day DESC, seen_id DESC)
    ORDER BY 1, 2, 3
""")
_TOLD = text("""
    SELECT seen_id, platform, what, source, day, figure, scale FROM seen_elsewhere
    WHERE merchant_id = :merchant AND shown AND (CAST(:before AS uuid) IS NULL OR seen_id < :before)
    ORDER BY seen_id DESC LIMIT :limit
""")
