"""When two entries are one shop: they lie close together and share a name."""

import math
from typing import Protocol

from services.directory.merchants.details import Details

SAME_PLACE_METRES = 50
"""A shop mapped twice, as a point and as its building, lies within this distance of itself."""
NEAR_DEGREES = 0.001
"""Of latitude: some hundred metres, to be rid of most before anything is computed."""
METRES_PER_DEGREE = 111_320
"""Of latitude."""
AROUND_METRES = 300.0
"""What a street has: a source without coordinates puts a shop into the middle of it."""


class Placed(Protocol):
    """What has a place: a merchant's details, or a row of them."""

    @property
    def longitude(self) -> float:
        """Degrees."""

    @property
    def latitude(self) -> float:
        """Degrees."""


def metres_between(one: Placed, other: Placed) -> float:
    """On a plane, exact to a metre in a town."""
    north = (one.latitude - other.latitude) * METRES_PER_DEGREE
    shrink = math.cos(math.radians(one.latitude))
    return math.hypot(north, (one.longitude - other.longitude) * METRES_PER_DEGREE * shrink)


def are_near(one: Details, other: Details, metres: float = SAME_PLACE_METRES) -> bool:
    """Whether at most 50 metres lie between them, or as many as are said."""
    if abs(one.latitude - other.latitude) * METRES_PER_DEGREE > metres:
        return False
    return metres_between(one, other) <= metres


def is_same_shop(one: Details, other: Details) -> bool:
    """Whether they are near and share a name, in whatever language and case."""
    return are_near(one, other) and not set(compared_names(one)).isdisjoint(compared_names(other))


def compared_names(details: Details) -> tuple[str, ...]:
    """Every name it goes by, once, as names are compared."""
    return tuple(dict.fromkeys(name.casefold() for name in details.called()))
