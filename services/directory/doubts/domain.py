"""When two merchants of two sources may be one, and what is left when they are."""

from dataclasses import dataclass, replace
from enum import StrEnum

from rapidfuzz import fuzz

from services.directory.merchants.details import Details
from services.directory.merchants.sameness import AROUND_METRES
from services.directory.search.folding import folded

ALIKE, SAME = 85.0, 95.0
"""Of 100 (`token_set_ratio`: the order of words and what only one of them has do not count)."""
OF_NO_NAME = 0.0
"""The likeness of two of which one has no name: only their address and kind speak for it."""
NEAR, AROUND = 100.0, AROUND_METRES
"""Metres: between a shop's door on a map and its address in a register, and what a street has."""


class DuplicateState(StrEnum):
    """Of two merchants that may be one."""

    PROPOSED = "proposed"
    MERGED = "merged"
    KEPT_APART = "kept_apart"


class ClosureState(StrEnum):
    """Of a merchant that its source has no more."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    KEPT = "kept"


@dataclass(frozen=True)
class Looks:
    """What two merchants are compared by."""

    name: str
    street: str | None
    house_number: str | None


def likeness(one: Looks, other: Looks, metres: float) -> float | None:
    """How alike they are called, 0 to 100, where they may be one; None where they are two.

    Alike and next to each other, or called the same in the same street or at the same address.
    """
    alike = fuzz.token_set_ratio(folded(one.name), folded(other.name))
    if alike >= ALIKE and (metres <= NEAR or _same_address(one, other)):
        return alike
    return alike if alike >= SAME and metres <= AROUND else None


def merged(kept: Details, other: Details) -> Details:
    """What is known of the one that stays, filled up with what only the other had.

    Unknown is None, or nothing at all where there could be several (names, profiles, languages).
    """
    missing = {field: value for field, value in vars(other).items() if not getattr(kept, field)}
    return replace(kept, **missing)


def _same_address(one: Looks, other: Looks) -> bool:
    known = one.street and other.street and one.house_number and other.house_number
    return bool(known) and address_of(one.street, one.house_number) == address_of(
        other.street, other.house_number
    )


def address_of(street: str | None, house_number: str | None) -> tuple[str, str]:
    """As addresses are compared."""
    return folded(street or ""), folded(house_number or "")
