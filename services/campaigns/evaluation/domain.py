"""What a campaign came to, against the rule that was set before it began. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Figure(StrEnum):
    """What of a campaign is counted. Nothing that was taken back, and nothing that did not count for it."""

    AMBASSADORS = "ambassadors"
    """Who joined."""
    ACTIVE_AMBASSADORS = "active-ambassadors"
    """Who contributed at least once."""
    REVIEWS = "reviews"
    PHOTOS = "photos"
    VIDEOS = "videos"
    SHARES = "shares"
    MERCHANTS_REACHED = "merchants-reached"
    """With at least one contribution."""


KINDS = {
    Figure.REVIEWS: "review",
    Figure.PHOTOS: "photo",
    Figure.VIDEOS: "video",
    Figure.SHARES: "share",
}
"""Figures that count contributions of one kind."""


class GoIf(Struct, frozen=True):
    """One condition of going on: all must hold."""

    figure: Figure
    at_least: int


class Verdict(StrEnum):
    GO = "go"
    NO_GO = "no-go"
    NO_RULE = "no-rule"
    """No rule was set beforehand, and none is made up afterwards."""


class Evaluation(Struct, frozen=True):
    """What a city says of a campaign that is over. The figures are those of that moment."""

    at: datetime
    figures: dict[str, int]
    verdict: Verdict
    conclusion: str
    """In the city's own words."""


def evaluated(
    figures: Mapping[Figure, int], go_if: Sequence[GoIf], conclusion: str, at: datetime
) -> Evaluation:
    """The verdict follows from the rule alone, whatever the conclusion says."""
    if not go_if:
        verdict = Verdict.NO_RULE
    else:
        verdict = (
            Verdict.GO if all(figures[each.figure] >= each.at_least for each in go_if) else Verdict.NO_GO
        )
    return Evaluation(at, {figure.value: figures[figure] for figure in Figure}, verdict, conclusion)
