"""What of a month is published: how much was contributed, with small groups withheld for good. Pure.

The groups are a tree: all of the month, by kind of contribution, by district, by kind of shop. Each is the
sum of those below it, so one that is withheld alone could be reckoned from the others. Therefore, below a
group that is published, none is withheld or at least two, and those that are make no small group together;
below one that is withheld everything is.

Then no withheld figure follows from what is published: each sum knows two unknowns or none, every unknown
hangs on a leaf or on the root by a way of such sums, and along it one can be made greater and the next less
without changing anything that is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias
from uuid import UUID

LEAST = 5
"""Of fewer people, or of fewer shops, nothing is said: one shop's figures are those of whoever runs it."""
NO_DISTRICT = "none"
Path: TypeAlias = tuple[str, ...]
"""A kind of contribution, a district, a kind of shop; what is missing at the end is the sum of all."""
DEPTH = 3


class Deed(NamedTuple):
    """Something that somebody contributed to a shop."""

    path: Path
    contributor_id: UUID
    merchant_id: UUID


class Cell(NamedTuple):
    """What is published of a group."""

    path: Path
    counted: int | None
    """None: it is withheld."""


@dataclass
class Group:
    """Deeds that are counted together."""

    counted: int = 0
    people: set[UUID] = field(default_factory=set)
    shops: set[UUID] = field(default_factory=set)

    def add(self, deed: Deed) -> None:
        self.counted += 1
        self.people.add(deed.contributor_id)
        self.shops.add(deed.merchant_id)

    @property
    def is_small(self) -> bool:
        return len(self.people) < LEAST or len(self.shops) < LEAST


def district_of(district_ids: Iterable[UUID]) -> str:
    """The one that a shop is counted in: the first of several, so that districts add up."""
    return str(min(district_ids)) if district_ids else NO_DISTRICT


def published(deeds: Iterable[Deed]) -> list[Cell]:
    """All groups with anything in them, but for those below one that is withheld."""
    groups = _groups(deeds)
    if not groups:
        return []
    hidden: set[Path] = {()} if groups[()].is_small else set()
    shown: list[Path] = [()]
    for parent in shown:  # grows by the groups below
        if parent in hidden:
            continue
        below = {path: group for path, group in groups.items() if path[:-1] == parent and path != parent}
        hidden |= withheld(below)
        shown += sorted(below)
    return [Cell(path, None if path in hidden else groups[path].counted) for path in sorted(shown)]


def withheld(below: Mapping[Path, Group]) -> set[Path]:
    """Which of the groups that make up a published one: the small, and as many as it takes to hide them."""
    hidden = {path for path, group in below.items() if group.is_small}
    others = sorted(below.keys() - hidden, key=lambda path: (below[path].counted, path))
    while hidden and others and (len(hidden) < 2 or _together(below, hidden).is_small):
        hidden.add(others.pop(0))
    return hidden


def _together(groups: Mapping[Path, Group], paths: Iterable[Path]) -> Group:
    together = Group()
    for path in paths:
        together.people |= groups[path].people
        together.shops |= groups[path].shops
    return together


def _groups(deeds: Iterable[Deed]) -> dict[Path, Group]:
    groups: dict[Path, Group] = {}
    for deed in deeds:
        for depth in range(DEPTH + 1):
            groups.setdefault(deed.path[:depth], Group()).add(deed)
    return groups
