"""News whose readers events do not name: kept until the service that knows them has said who they are.

An event names an author by a pseudonym, and a city's officers not at all. So the reaction keeps what there is
to tell in its own transaction, and a job asks afterwards, outside of any: no consumer waits for a neighbour.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.ids import deterministic_id
from services.notifications.feed.wording import Kind


class Addressee(StrEnum):
    """Whom an id stands for. Roles are called as in tokens."""

    contributor = "contributor"
    """A pseudonym of campaigns'."""
    city_officer = "city_officer"
    """Every officer of the city of that id."""
    consultant = "consultant"
    """Every consultant who works in the city of that id."""


ROLES = (Addressee.city_officer, Addressee.consultant)


class Unaddressed(NamedTuple):
    """Something to tell those for whom `addressee_id` stands. The rest as in `Notice`."""

    city_id: UUID
    addressee: Addressee
    addressee_id: UUID
    kind: Kind
    reason: str
    data: dict[str, Any]
    caused_at: datetime
    traceparent: str | None

    @property
    def id(self) -> UUID:
        """The same for the same cause: what is delivered again waits once."""
        parts = (self.addressee, self.addressee_id, self.kind, self.reason)
        return deterministic_id(self.caused_at, "unaddressed", *parts)


async def keep(tx: Transaction, news: Sequence[Unaddressed], now: datetime) -> None:
    """Have these told as soon as it is known to whom."""
    if news:
        rows = [{**each._asdict(), "id": each.id, "data": json.dumps(each.data), "now": now} for each in news]
        await tx.execute(_KEEP, sorted(rows, key=lambda row: row["id"]))


async def oldest(connection: AsyncConnection, of: Sequence[Addressee], most: int) -> list[Unaddressed]:
    """Those that wait longest, `most` of them; they go on waiting."""
    found = await connection.execute(_OLDEST, {"of": [each.value for each in of], "most": most})
    return [_of_row(row) for row in found]


async def take(tx: Transaction, news: Sequence[Unaddressed]) -> list[Unaddressed]:
    """Those of them that nobody else has taken meanwhile: they wait no more once `tx` is committed."""
    found = await tx.execute(_TAKE, {"ids": sorted(each.id for each in news)})
    return [_of_row(row) for row in found]


def _of_row(row: Sequence[Any]) -> Unaddressed:
    city, addressee, *rest = row
    return Unaddressed(city, Addressee(addressee), *rest)


_COLUMNS = "city_id, addressee, addressee_id, kind, reason, data, caused_at, traceparent"
_KEEP = text(f"""
    INSERT INTO unaddressed (id, {_COLUMNS}, created_at)
    VALUES (:id, :city_id, :addressee, :addressee_id, :kind, :reason, CAST(:data AS jsonb), :caused_at,
            :traceparent, :now)
    ON CONFLICT (id) DO NOTHING
""")  # noqa: S608  columns of ours
_OLDEST = text(f"""
    SELECT {_COLUMNS} FROM unaddressed WHERE addressee = ANY(CAST(:of AS text[]))
    ORDER BY created_at, id LIMIT :most
""")  # noqa: S608
_TAKE = text(f"""
    DELETE FROM unaddressed WHERE id IN (
        SELECT id FROM unaddressed WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE SKIP LOCKED
    )
    RETURNING {_COLUMNS}
""")  # noqa: S608
