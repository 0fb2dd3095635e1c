"""Where merchants lie, told by the directory's events, in whatever order they come.

Beside `merchants`, which says which there are: a consumer of its own reads the stream from its start, so that
it fills itself for merchants that were listed before it was there.
"""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Column, Double, Integer, Table, Uuid
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import MerchantListed, MerchantUpdated
from services.assessment.metadata import metadata

merchant_places = Table(
    "merchant_places",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("district_ids", ARRAY(Uuid), nullable=False),
)

_FROM_THE_FACT = ("merchant_id", "city_id", "version", "longitude", "latitude")

PlaceNews = MerchantListed | MerchantUpdated
NEWS: tuple[type[PlaceNews], ...] = (MerchantListed, MerchantUpdated)


async def apply(tx: Transaction, news: Sequence[Received[PlaceNews]]) -> None:
    """Take note of where merchants lie; the newest version of each is kept, whatever comes when."""
    newest: dict[object, PlaceNews] = {}
    for received in news:
        known = newest.get(received.fact.merchant_id)
        if known is None or known.version < received.fact.version:
            newest[received.fact.merchant_id] = received.fact
    statement = insert(merchant_places)
    replaced = {
        name: statement.excluded[name] for name in ("version", "longitude", "latitude", "district_ids")
    }
    # `news` comes sorted by merchant, and a dict keeps that order: rows are locked in it.
    rows = [
        {**{name: getattr(fact, name) for name in _FROM_THE_FACT}, "district_ids": [*fact.district_ids]}
        for fact in newest.values()
    ]
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["merchant_id"],
            set_=replaced,
            where=merchant_places.c.version < statement.excluded.version,
        ),
        rows,
    )
