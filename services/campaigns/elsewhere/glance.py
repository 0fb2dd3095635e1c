"""What moved elsewhere since a day: of one shop, or added up over several. Pure.

Figures elsewhere stand beside our own and are never added to them; to each other counts are, and means not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.campaigns.elsewhere.domain import Measure, Source

PRECEDENCE = (Source.CONNECTED, Source.OPEN, Source.OFFICER, Source.CONSULTANT, Source.MERCHANT)
"""Of two figures of one day: the one read by a machine before one that somebody noted."""


@dataclass(frozen=True)
class Figure:
    """The latest figure of a profile, and the one it is compared with."""

    merchant_id: UUID
    platform: str
    measure: Measure
    profile_id: UUID | None
    day: date
    figure: float
    scale: int | None
    source: Source
    via: str = ""


@dataclass(frozen=True)
class Movement:
    """A figure as it is last known, and as it was."""

    platform: str
    measure: Measure
    figure: float
    scale: int | None
    day: date
    """Of the newest figure in it."""
    sources: tuple[Source, ...]
    shops: int
    """How many it is of."""
    before: float | None
    """At the day it is compared with, of those shops that have a figure from before then."""
    moved: float | None
    """Since then, of these shops alone."""
    compared: int
    """How many these are."""


def movements(latest: Iterable[Figure], before: Iterable[Figure]) -> list[Movement]:
    """By platform and measure. Of several shops, or several profiles of one, means are left out."""
    earlier = {_key(each): each for each in before}
    groups: dict[tuple[str, Measure], list[Figure]] = defaultdict(list)
    for each in latest:
        groups[each.platform, each.measure].append(each)
    return [
        _movement(figures, earlier)
        for (_, measure), figures in sorted(groups.items())
        if measure is not Measure.MEAN or len(figures) == 1
    ]


_Key = tuple[UUID, str, Measure, UUID | None]


def _key(of: Figure) -> _Key:
    return of.merchant_id, of.platform, of.measure, of.profile_id


def _movement(figures: list[Figure], earlier: Mapping[_Key, Figure]) -> Movement:
    pairs = [(each, earlier[_key(each)]) for each in figures if _key(each) in earlier]
    return Movement(
        platform=figures[0].platform,
        measure=figures[0].measure,
        figure=_sum(each.figure for each in figures),
        scale=figures[0].scale,
        day=max(each.day for each in figures),
        sources=tuple(sorted({each.source for each in figures})),
        shops=len({each.merchant_id for each in figures}),
        before=_sum(then.figure for _, then in pairs) if pairs else None,
        moved=_sum(now.figure - then.figure for now, then in pairs) if pairs else None,
        compared=len({now.merchant_id for now, _ in pairs}),
    )


def _sum(figures: Iterable[float]) -> float:
    return round(sum(figures), 2)
