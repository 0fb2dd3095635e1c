"""Which merchants there are, told by the directory's events, in whatever order they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, Integer, Table, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import MerchantClosed, MerchantListed, MerchantUpdated
from services.assessment.metadata import metadata

# What the directory's events say. A row may begin with any of them, a closing included.
merchants = Table(
    "merchants",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("listed_version", Integer, nullable=False, comment="newest version that listed it; 0: not yet"),
    Column("closed_version", Integer, nullable=False, comment="newest version that closed it; 0: never"),
)

MerchantNews = MerchantListed | MerchantUpdated | MerchantClosed
NEWS: tuple[type[MerchantNews], ...] = (MerchantListed, MerchantUpdated, MerchantClosed)


@dataclass(frozen=True)
class Merchant:
    """What the assessment knows about a merchant: that it exists, and where."""

    merchant_id: UUID
    city_id: UUID
    closed: bool


async def apply(tx: Transaction, news: Sequence[Received[MerchantNews]]) -> None:
    """Take note of merchants that were listed, changed or closed.

    Only the newest version of either kind is kept, so that neither order nor repetition matters.
    """
    rows: dict[UUID, dict[str, UUID | int]] = {}
    for received in news:
        fact = received.fact
        row = rows.setdefault(
            fact.merchant_id,
            {
                "merchant_id": fact.merchant_id,
                "city_id": fact.city_id,
                "listed_version": 0,
                "closed_version": 0,
            },
        )
        column = "closed_version" if isinstance(fact, MerchantClosed) else "listed_version"
        row[column] = max(int(row[column]), fact.version)
    statement = insert(merchants)
    newest = {
        name: func.greatest(merchants.c[name], statement.excluded[name])
        for name in ("listed_version", "closed_version")
    }
    # `news` comes sorted by merchant, and a dict keeps that order: rows are locked in it.
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["merchant_id"], set_=newest), [*rows.values()]
    )


_FIND = select(merchants.c.city_id, merchants.c.listed_version, merchants.c.closed_version).where(
    merchants.c.merchant_id == bindparam("merchant_id")
)


async def find(tx: Transaction, merchant_id: UUID) -> Merchant | None:
    """The merchant, or None while no event has listed it."""
    row = (await tx.execute(_FIND, {"merchant_id": merchant_id})).one_or_none()
    if row is None or not row.listed_version:
        return None
    # Both count the changes of one merchant: a closed one may be listed again by a later change.
    return Merchant(merchant_id, row.city_id, closed=row.closed_version > row.listed_version)
