"""Wrong codes are limited by the day: for a person, and for a network. Not for a shop.

A try is taken before the code is looked at and given back where it was right, in one transaction.

A limit for each shop would keep nobody out but its owner: whoever types wrong codes for it uses it up. And it
would protect nothing. A code has 75 bits, and a shop has one that is good. A network has 50 tries a day: a
million networks, each with the five accounts it needs for them, try 5 × 10^7 codes a day at one shop, out of
3.8 × 10^22. To hit with a chance of one in a million takes them two million years, and the code is good for
90 days. The limits are there so that guessing shows, in answers of 429, and costs the database little.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.limits import Limit, Tried

DAY = timedelta(days=1)
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
        return [(OF_A_PERSON, str(self.person_id)), (OF_A_NETWORK, self.network)]
