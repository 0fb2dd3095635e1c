"""Where merchants lie, told by the directory's events; beside `merchants`, which says which there are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Double, Integer, Table, Uuid

from chassis.database import Transaction
from chassis.received import Received
from services.assessment.metadata import metadata
from services.assessment.newest import MerchantState, keep_newest

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


async def apply(tx: Transaction, news: Sequence[Received[MerchantState]]) -> None:
    """Take note of where merchants lie."""
    await keep_newest(tx, merchant_places, news, _said)


def _said(fact: MerchantState) -> Mapping[str, Any]:
    return {
        "longitude": fact.longitude,
        "latitude": fact.latitude,
        "district_ids": [*fact.district_ids],
    }
