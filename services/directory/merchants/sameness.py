"""When two entries are one shop: they lie close together and share a name."""

import math

from services.directory.merchants.details import Details

SAME_PLACE_METRES = 50
"""A shop mapped twice, as a point and as its building, lies within this distance of itself."""
NEAR_DEGREES = 0.001
"""Of latitude: some hundred metres, to be rid of most before anything is computed."""
_METRES_PER_DEGREE = 111_320


def are_near(one: Details, other: Details) -> bool:
    """Whether at most 50 metres lie between them."""
    if abs(one.latitude - other.latitude) > NEAR_DEGREES:
        return False
    north = (one.latitude - other.latitude) * _METRES_PER_DEGREE
    shrink = math.cos(math.radians(one.latitude))
    east = (one.longitude - other.longitude) * _METRES_PER_DEGREE * shrink
    return math.hypot(north, east) <= SAME_PLACE_METRES


def is_same_shop(one: Details, other: Details) -> bool:
    """Whether they are near and share a name, in whatever language and case."""
    return are_near(one, other) and not set(compared_names(one)).isdisjoint(compared_names(other))


def compared_names(details: Details) -> tuple[str, ...]:
    """Every name it goes by, once, as names are compared."""
    return tuple(dict.fromkeys(name.casefold() for name in details.called()))
