"""What is counted of assessments, as sums that can be added and taken away again.

A measure is a table of a report; each of its keys has a count and a total. Nothing else is kept of a group,
so that the figures of several are the sum of theirs, in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias
from uuid import UUID

from msgspec import Struct

AT_LEAST, ABOVE = 50, 70
"""The two marks of the region's first campaign (2016): 50 or more, and above 70 of 100."""
OTHER = ""
"""The kind that too small kinds are folded into."""

CLASS = 10
"""Points of a class of the distribution; the last one holds 100, too."""

Measure = Literal["score", "mark", "dimension", "recommendation", "wish", "kind", "kind_50", "kind_70"]
"""`score` by the lowest of its class; `mark` is how many reached one of the two."""
Entry: TypeAlias = tuple[Measure, str]
ByMeasure: TypeAlias = dict[str, dict[str, list[int]]]
"""As JSON: by measure and key, count and total."""


class Scored(Struct, frozen=True):
    """What answers come to by one basis."""

    score: int
    dimensions: Mapping[str, int]
    """Only those with an answered question."""


class Attempt(Struct, frozen=True):
    """One assessment, as far as reports count it. It is one person's."""

    id: UUID
    merchant_id: UUID | None
    """None for somebody in a session who did not say for which shop."""
    kind: str
    """Of shop; OTHER where it is not known."""
    scored: Mapping[str, Scored]
    """By basis (see `bases.py`): its own questionnaire first, then each mapping that reaches it."""
    recommendations: Sequence[str]
    wish: str | None
    """The answer to `training-wish`."""


class Figures:
    """Counts and totals by measure and key."""

    def __init__(self, entries: Mapping[Entry, tuple[int, int]] | None = None) -> None:
        self._entries = {entry: both for entry, both in (entries or {}).items() if both[0]}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Figures) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Figures({self._entries!r})"

    def __iter__(self) -> Iterator[tuple[Entry, int, int]]:
        return ((entry, *self._entries[entry]) for entry in sorted(self._entries))

    def __add__(self, other: Figures) -> Figures:
        return self._combined(other, 1)

    def __sub__(self, other: Figures) -> Figures:
        return self._combined(other, -1)

    def _combined(self, other: Figures, sign: int) -> Figures:
        both = dict(self._entries)
        for entry, count, total in other:
            known = both.get(entry, (0, 0))
            both[entry] = (known[0] + sign * count, known[1] + sign * total)
        return Figures(both)

    def without(self, entries: Iterable[Entry]) -> Figures:
        """The same, but for these."""
        gone = {*entries}
        return Figures({entry: both for entry, both in self._entries.items() if entry not in gone})

    def of(self, measure: Measure) -> dict[str, tuple[int, int]]:
        """Count and total by key."""
        return {key: both for (each, key), both in sorted(self._entries.items()) if each == measure}

    @property
    def participants(self) -> int:
        return sum(count for count, _ in self.of("score").values())

    def as_json(self) -> ByMeasure:
        found: ByMeasure = {}
        for (measure, key), count, total in self:
            found.setdefault(measure, {})[key] = [count, total]
        return found

    @classmethod
    def from_json(cls, stored: Mapping[Measure, Mapping[str, Sequence[int]]]) -> Figures:
        return cls(
            {
                (measure, key): (both[0], both[1])
                for measure, keys in stored.items()
                for key, both in keys.items()
            }
        )


def counted(attempts: Iterable[Attempt], basis: str, shown_as: Mapping[UUID, str], *, own: bool) -> Figures:
    """The figures of a group by one basis; `shown_as` is the kind that each is counted under.

    Recommendations and wishes belong to a questionnaire's `own` basis: over a mapping, scores alone count.
    """
    entries: dict[Entry, tuple[int, int]] = {}

    def count(measure: Measure, key: str, total: int = 0) -> None:
        known = entries.get((measure, key), (0, 0))
        entries[measure, key] = (known[0] + 1, known[1] + total)

    for each in attempts:
        scored, kind = each.scored[basis], shown_as[each.id]
        count("score", str(min(scored.score // CLASS * CLASS, 100 - CLASS)), scored.score)
        for dimension, score in scored.dimensions.items():
            count("dimension", dimension, score)
        count("kind", kind, scored.score)
        if scored.score >= AT_LEAST:
            count("mark", "50")
            count("kind_50", kind)
        if scored.score > ABOVE:
            count("mark", "70")
            count("kind_70", kind)
        if own:
            for recommendation in each.recommendations:
                count("recommendation", recommendation)
            if each.wish:
                count("wish", each.wish)
    return Figures(entries)
