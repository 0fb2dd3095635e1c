"""Wrong codes are limited by the day: for a shop, for a person, for a network.

A try is taken before the code is looked at and given back where it was right, in one transaction.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.directory.limits.use_cases import Limit, Tried

DAY = timedelta(days=1)
OF_A_SHOP = Limit("wrong codes of a shop", 10, DAY)
OF_A_PERSON = Limit("wrong codes of a person", 10, DAY)
OF_A_NETWORK = Limit("wrong codes of a network", 50, DAY)
"""A town hall or a café is one network for many people."""


@dataclass(frozen=True)
class Try:
    """Who tries what from where."""

    merchant_id: UUID
    person_id: UUID
    network: str

    def limits(self) -> Tried:
        """What it is counted under."""
        return [
            (OF_A_SHOP, str(self.merchant_id)),
            (OF_A_PERSON, str(self.person_id)),
            (OF_A_NETWORK, self.network),
        ]
