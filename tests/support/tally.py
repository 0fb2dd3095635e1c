"""A smallest consumer: counts a merchant's reviews, as a real projection would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, text

from chassis.consumer import INBOX_HORIZON, Consumer
from chassis.database import Database, Transaction
from chassis.received import Received
from contracts.campaigns.v1 import AmbassadorReviewPosted
from contracts.streams import DURABLES

DURABLE = DURABLES["notifications__reactions"]

_ADD = text("""
    INSERT INTO tally (merchant_id, reviews)
    SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:counts AS bigint[])) AS t (merchant_id, reviews)
    ORDER BY merchant_id
    ON CONFLICT (merchant_id) DO UPDATE SET reviews = tally.reviews + excluded.reviews
""").bindparams(bindparam("merchants", type_=ARRAY(Uuid)), bindparam("counts", type_=ARRAY(BigInteger)))


async def create_table(database: Database) -> None:
    """A tally of no more than 1,000 a merchant: the constraint gives tests a database error to provoke."""
    async with database.transaction() as tx:
        await tx.execute(
            text("CREATE TABLE tally (merchant_id uuid PRIMARY KEY, reviews bigint CHECK (reviews <= 1000))")
        )


async def apply(tx: Transaction, events: Sequence[Received[AmbassadorReviewPosted]]) -> None:
    """Add up, one statement for the batch, rows in key order."""
    counts = Counter(event.fact.merchant_id for event in events)
    await tx.execute(_ADD, {"merchants": list(counts), "counts": list(counts.values())})


def consumer(database: Database, handler: Callable[..., Any] = apply, batch_size: int = 500) -> Consumer:
    """The tally's consumer, ready to be run."""
    made = Consumer(DURABLE, [AmbassadorReviewPosted], handler, horizon=INBOX_HORIZON, batch_size=batch_size)
    made.bind(database)
    return made


async def tally(database: Database) -> dict[UUID, int]:
    """Reviews per merchant."""
    async with database.connection() as connection:
        rows = await connection.execute(text("SELECT merchant_id, reviews FROM tally"))
        return {row[0]: row[1] for row in rows}


async def dead_letters(database: Database) -> list[dict[str, Any]]:
    """All of them, as they died."""
    async with database.connection() as connection:
        rows = await connection.execute(text("SELECT * FROM dead_letter ORDER BY id"))
        return [dict(row) for row in rows.mappings()]
