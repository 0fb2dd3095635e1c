"""Known places from their tables."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func

from services.campaigns.places.domain import Merchant, Setting
from services.campaigns.places.tables import known_merchant


def merchant_of_row(row: Mapping[Any, Any]) -> Merchant:
    """The merchant in a row of its table."""
    setting = None
    if row["setting_version"] is not None:
        setting = Setting(
            row["setting_version"], row["kind"], row["longitude"], row["latitude"], tuple(row["district_ids"])
        )
    return Merchant(row["id"], row["city_id"], setting, row["closed_version"])


def is_closed(merchant_id: ColumnElement[Any] | UUID) -> ColumnElement[bool]:
    """`Merchant.closed`, as a condition of a query."""
    # By another name: beside known_merchant itself it would ask whether any shop at all is closed.
    one = known_merchant.alias("one_merchant")
    return exists().where(
        one.c.id == merchant_id, one.c.closed_version > func.coalesce(one.c.setting_version, 0)
    )
