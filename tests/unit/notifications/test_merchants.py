"""A merchant is what was heard last, in whatever order it was heard."""

from __future__ import annotations

from functools import reduce
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.directory.v1 import MerchantClaimed, MerchantClosed, MerchantListed, MerchantUpdated
from contracts.envelope import Fact
from services.notifications.merchants.domain import Merchant

CITY, ID = UUID(int=1), UUID(int=2)
HISTORY: list[Fact] = [
    MerchantListed(city_id=CITY, merchant_id=ID, version=1, kind="shop=bakery", longitude=5.6, latitude=49.7),
    MerchantClaimed(city_id=CITY, merchant_id=ID, version=2),
    MerchantUpdated(
        city_id=CITY,
        merchant_id=ID,
        version=3,
        kind="shop=pastry",
        longitude=5.6,
        latitude=49.7,
        district_ids=(UUID(int=9), UUID(int=8)),
    ),
    MerchantClosed(city_id=CITY, merchant_id=ID, version=4),
]


@given(st.permutations(HISTORY), st.lists(st.sampled_from(HISTORY), max_size=4))
def test_any_order_ends_in_the_same_merchant(order: list[Fact], again: list[Fact]) -> None:
    merchant = reduce(Merchant.heard, [*order, *again], Merchant(ID, CITY))
    assert merchant == Merchant(ID, CITY, 3, 2, 4, "shop=pastry", (UUID(int=8), UUID(int=9)))


def test_a_claim_may_come_before_the_listing() -> None:
    assert Merchant(ID, CITY).heard(HISTORY[1]).claimed
