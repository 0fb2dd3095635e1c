"""Asks the strictest statement first, and those that forgive more where that leaves room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from services.directory.merchants import storage
from services.directory.merchants.domain import Merchant
from services.directory.merchants.hours import state_of
from services.directory.search.question import LEAST_LIKENESS, Match, Question, candidates

# How many rows resemble a word cannot be estimated; a wrong guess would compare all merchants, from the table
# or along the index over places, which has all that are open. Left are bitmaps: of what an index looks up.
SETTINGS = text("""
    SELECT set_config('enable_seqscan', 'off', true),
           set_config('enable_indexscan', 'off', true),
           set_config('pg_trgm.word_similarity_threshold', :least, true)
""")

ENOUGH_BY_LOT = 100


@dataclass(frozen=True)
class Hit:
    """A merchant that answers, and how well."""

    merchant: Merchant
    likeness: float
    metres: float | None


@dataclass(frozen=True)
class Found:
    """Best first."""

    hits: list[Hit]
    tolerant: bool


async def find(database: Database, asked: Question, limit: int, open_at: datetime | None = None) -> Found:
    """At most `limit` merchants; those that are open at `open_at`, where it is given."""
    hits: dict[UUID, Hit] = {}
    async with database.connection() as connection:
        await connection.execute(SETTINGS, {"least": str(LEAST_LIKENESS)})
        for match in asked.matches:
            # One that forgives more finds again what the stricter ones found.
            rows = await _rows(connection, asked, match, None if open_at else limit + len(hits))
            found = (Hit(storage.of_row(row), row.likeness, row.metres) for row in rows)
            new = (hit for hit in found if hit.merchant.id not in hits)
            hits |= {hit.merchant.id: hit for hit in _first(new, limit - len(hits), open_at)}
            if len(hits) == limit:
                break
    return Found(list(hits.values()), tolerant=match is not Match.BEGINS)


async def _rows(
    connection: AsyncConnection, asked: Question, match: Match, most: int | None
) -> Sequence[Row[Any]]:
    """Ranked. A tenth of the merchants is enough where a hundred of them answer: a thousand do of all."""
    if asked.is_wide:
        some: Sequence[Row[Any]] = (
            await connection.execute(*candidates(asked, match, by_lot=True, most=most))
        ).all()
        if some and some[0].taken >= ENOUGH_BY_LOT:
            return some
    rows: Sequence[Row[Any]] = (await connection.execute(*candidates(asked, match, most=most))).all()
    return rows


def _first(ranked: Iterable[Hit], limit: int, open_at: datetime | None) -> list[Hit]:
    """Hours are read of as many as are needed, best first: each costs some tens of microseconds."""
    wanted = (
        hit for hit in ranked if open_at is None or state_of(hit.merchant.details, open_at).open_now is True
    )
    return list(islice(wanted, limit))
