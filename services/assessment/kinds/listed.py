"""What kind of shop the directory lists a merchant as, told by its events."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Integer, Table, Text, Uuid

from chassis.database import Transaction
from chassis.received import Received
from services.assessment.kinds.catalogue import merchant_kinds
from services.assessment.metadata import metadata
from services.assessment.newest import MerchantState, keep_newest

ANOTHER = "other"
"""Of the forms: a shop of none of the other kinds."""
_SAYS_NOTHING = "shop=yes"
"""Somebody mapped a shop, and not of which kind: that is not another kind, but not known."""

listed_kinds = Table(
    "listed_kinds",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    # As the directory tells it: `shop=bakery`. Which kind of the forms that is, is said when it is read.
    Column("kind", Text, nullable=False),
)


async def apply(tx: Transaction, news: Sequence[Received[MerchantState]]) -> None:
    """Take note of merchants' kinds."""
    await keep_newest(tx, listed_kinds, news, _said)


def _said(fact: MerchantState) -> Mapping[str, Any]:
    return {"kind": fact.kind}


def on_the_form(listed: str | None) -> str | None:
    """The kind among those of the forms; None where the directory says none."""
    if listed is None or listed == _SAYS_NOTHING:
        return None
    family = listed.partition("=")[0] + "=*"
    return _by_tag().get(listed) or _by_tag().get(family) or ANOTHER


@cache
def _by_tag() -> Mapping[str, str]:
    return {tag: kind.key for kind in merchant_kinds().values() for tag in kind.listed_as}
