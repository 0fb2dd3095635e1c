"""Which shops were reached, by district. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

Members = Mapping[UUID, tuple[UUID, ...]]
"""Shops that can be reached, in the order of their ids, each with the districts it lies in."""


@dataclass
class Reach:
    """How far a city or a campaign came among these shops."""

    merchants: int = 0
    reached: int = 0
    """With at least one contribution that counts."""
    actions: int = 0

    def add(self, actions: int) -> None:
        """One shop more."""
        self.merchants += 1
        self.reached += actions > 0
        self.actions += actions


@dataclass
class Reached:
    """In all, and by district: a shop that lies in several is in each of them."""

    in_all: Reach = field(default_factory=Reach)
    districts: dict[UUID | None, Reach] = field(default_factory=dict)
    """Under None, those that lie in none."""


def reached(members: Members, actions: Mapping[UUID, int]) -> Reached:
    """What is done for a shop that is no member, or not any more, reaches none of them."""
    found = Reached()
    for merchant, districts in members.items():
        done = max(actions.get(merchant, 0), 0)
        found.in_all.add(done)
        for district in districts or (None,):
            found.districts.setdefault(district, Reach()).add(done)
    return found


def not_reached(members: Members, actions: Mapping[UUID, int], after: UUID | None, most: int) -> list[UUID]:
    """So many of them at most, behind `after`, in the order of their ids."""
    missed = (each for each in members if actions.get(each, 0) <= 0 and (after is None or each > after))
    return [each for each, _ in zip(missed, range(most), strict=False)]
