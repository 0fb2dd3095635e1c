"""What a campaign sets out to reach, and what of it is reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from services.campaigns.evaluation.domain import Figure

COUNTED = (
    Figure.REVIEWS,
    Figure.PHOTOS,
    Figure.VIDEOS,
    Figure.SHARES,
    Figure.AMBASSADORS,
    Figure.MERCHANTS_REACHED,
)
"""What can be a goal: what is counted while the campaign runs. Never stars: nobody aims at a rating."""


class Goal(Struct, frozen=True):
    """So many of something."""

    figure: Figure
    target: int


def one_of_each(goals: Sequence[Goal]) -> bool:
    """Whether no figure has two goals."""
    return len({each.figure for each in goals}) == len(goals)


def newly_reached(goals: Iterable[Goal], figures: Mapping[Figure, int], before: Iterable[Goal]) -> list[Goal]:
    """Those whose target is reached now and was not before. What is taken back undoes none."""
    known = set(before)
    return [each for each in goals if figures[each.figure] >= each.target and each not in known]
