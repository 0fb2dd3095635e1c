"""Known places from their tables."""

from collections.abc import Mapping
from typing import Any

from services.campaigns.places.domain import Merchant, Setting


def merchant_of_row(row: Mapping[Any, Any]) -> Merchant:
    """The merchant in a row of its table."""
    setting = None
    if row["setting_version"] is not None:
        setting = Setting(
            row["setting_version"], row["kind"], row["longitude"], row["latitude"], tuple(row["district_ids"])
        )
    return Merchant(row["id"], row["city_id"], setting, row["closed_version"])
