"""Asks the exact statement first, and the tolerant one where that leaves room."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import text

from chassis.database import Database
from services.directory.merchants import storage
from services.directory.merchants.domain import Merchant
from services.directory.merchants.hours import state_of
from services.directory.search.question import LEAST_LIKENESS, Question, candidates

# How many rows resemble a word cannot be estimated; a wrong guess would compare all merchants, from the table
# or along the index over places, which has all that are open. Left are bitmaps: of what an index looks up.
SETTINGS = text("""
    SELECT set_config('enable_seqscan', 'off', true),
           set_config('enable_indexscan', 'off', true),
           set_config('pg_trgm.word_similarity_threshold', :least, true)
""")


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
    async with database.connection() as connection:

        async def hits(*, tolerant: bool) -> list[Hit]:
            wanted = candidates(asked, tolerant=tolerant)
            if open_at is None:  # twice, as the tolerant statement finds the exact ones again
                wanted = wanted.limit(2 * limit)
            rows = await connection.execute(wanted)
            return _first(
                (Hit(storage.of_row(row), row.likeness, row.metres) for row in rows), limit, open_at
            )

        await connection.execute(SETTINGS, {"least": str(LEAST_LIKENESS)})
        exact = await hits(tolerant=False)
        if len(exact) == limit or not asked.words:
            return Found(exact, tolerant=False)
        known = {hit.merchant.id for hit in exact}
        resembling = [hit for hit in await hits(tolerant=True) if hit.merchant.id not in known]
        return Found([*exact, *resembling][:limit], tolerant=True)


def _first(ranked: Iterable[Hit], limit: int, open_at: datetime | None) -> list[Hit]:
    """Hours are read of as many as are needed, best first: each costs some tens of microseconds."""
    wanted = (
        hit for hit in ranked if open_at is None or state_of(hit.merchant.details, open_at).open_now is True
    )
    return list(islice(wanted, limit))
