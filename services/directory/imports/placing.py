"""Where a shop lies whose source gives an address and no coordinates.

At the very address of a merchant that is known from elsewhere; else in the middle of those in its street;
else where the import was told to put it. Never asked of a geocoder: these forbid keeping what they answer,
or want to know who asks. The note says which of them it was, so that somebody can put it right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from services.directory.imports.geometry import DECIMALS, Position
from services.directory.imports.given import Given
from services.directory.search.folding import folded


@dataclass(frozen=True)
class KnownAddress:
    """The address of a merchant of another source, and where it lies."""

    street: str | None
    house_number: str | None
    position: Position


@dataclass(frozen=True)
class Gazetteer:
    """Where the addresses and streets of a city are."""

    addresses: dict[tuple[str, str], Position]
    streets: dict[str, Position]
    otherwise: Position | None

    @classmethod
    def of(cls, known: Iterable[KnownAddress], otherwise: Position | None) -> Self:
        """`known` in any order: what is in the middle does not depend on it."""
        addresses: dict[tuple[str, str], list[Position]] = {}
        streets: dict[str, list[Position]] = {}
        for each in known:
            street, number = folded(each.street or ""), folded(each.house_number or "")
            if street:
                streets.setdefault(street, []).append(each.position)
            if street and number:
                addresses.setdefault((street, number), []).append(each.position)
        return cls(
            {key: _middle(found) for key, found in addresses.items()},
            {key: _middle(found) for key, found in streets.items()},
            otherwise,
        )

    def place(self, shop: Given) -> tuple[Position | None, str | None]:
        """Where it is, as far as it is known, and the note that says how it was found."""
        if shop.place is not None:
            return shop.place, None
        street = folded(shop.texts.get("street") or "")
        number = folded(shop.texts.get("house_number") or "")
        if (found := self.addresses.get((street, number))) is not None:
            return found, "placed_at_its_address"
        if (found := self.streets.get(street)) is not None:
            return found, "placed_in_its_street"
        return self.otherwise, "placed_in_the_middle"


def _middle(positions: list[Position]) -> Position:
    ordered = sorted(positions)
    longitude = sum(each[0] for each in ordered) / len(ordered)
    latitude = sum(each[1] for each in ordered) / len(ordered)
    return round(longitude, DECIMALS), round(latitude, DECIMALS)
