"""What the directory's events say of merchants, kept as the newest of them says it.

Each table of such facts is filled by a consumer of its own, which reads the stream from its start, in
whatever order news come: so it fills itself for merchants that were listed before it was there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import MerchantListed, MerchantUpdated

MerchantState = MerchantListed | MerchantUpdated
NEWS: tuple[type[MerchantState], ...] = (MerchantListed, MerchantUpdated)
"""Both carry all that is public of the merchant."""


async def keep_newest(
    tx: Transaction,
    table: Table,
    news: Sequence[Received[MerchantState]],
    said: Callable[[MerchantState], Mapping[str, Any]],
) -> None:
    """Write what each merchant's newest fact `said`, into a table by `merchant_id` with its `version`."""
    newest: dict[UUID, MerchantState] = {}
    for received in news:
        known = newest.get(received.fact.merchant_id)
        if known is None or known.version < received.fact.version:
            newest[received.fact.merchant_id] = received.fact
    # `news` comes sorted by merchant, and a dict keeps that order: rows are locked in it.
    rows = [
        {"merchant_id": key, "city_id": fact.city_id, "version": fact.version, **said(fact)}
        for key, fact in newest.items()
    ]
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in ("merchant_id", "city_id")}
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["merchant_id"],
            set_=replaced,
            where=table.c.version < statement.excluded.version,
        ),
        rows,
    )
