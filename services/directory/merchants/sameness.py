"""When two entries are one shop: they lie close together and share a name."""

import math

from services.directory.merchants.details import Details

SAME_PLACE_METRES = 50
"""A shop mapped twice, as a point and as its building, lies within this distance of itself."""
NEAR_DEGREES = 0.001
"""Of latitude: some hundred metres, to be rid of most before anything is computed."""
METRES_PER_DEGREE = 111_320
"""Of latitude."""
AROUND_METRES = 300.0
"""What a street has: a source without coordinates puts a shop into the middle of it."""


def are_near(one: Details, other: Details, metres: float = SAME_PLACE_METRES) -> bool:
    """Whether at most 50 metres lie between them, or as many as are said."""
    north = (one.latitude - other.latitude) * METRES_PER_DEGREE
    if abs(north) > metres:
        return False
    shrink = math.cos(math.radians(one.latitude))
    east = (one.longitude - other.longitude) * METRES_PER_DEGREE * shrink
    return math.hypot(north, east) <= metres


def is_same_shop(one: Details, other: Details) -> bool:
    """Whether they are near and share a name, in whatever language and case."""
    return are_near(one, other) and not set(compared_names(one)).isdisjoint(compared_names(other))


def compared_names(details: Details) -> tuple[str, ...]:
    """Every name it goes by, once, as names are compared."""
    return tuple(dict.fromkeys(name.casefold() for name in details.called()))
