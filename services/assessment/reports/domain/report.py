"""What a report says, from the sums of its blocks. Nothing here depends on how many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

from msgspec import Struct

from services.assessment.reports.domain.figures import CLASS, OTHER, Figures

Wish: TypeAlias = Literal["group", "visit", "not-now"]
ASKING: Collection[Wish] = ("group", "visit")
"""Answers to `training-wish` that ask for training: in a small group, or by a consultant at the shop."""
WISHES: Collection[Wish] = (*ASKING, "not-now")


class Share(Struct, frozen=True):
    """So many of all participants."""

    count: int
    percent: float


class ScoreClass(Struct, frozen=True):
    lowest: int
    highest: int
    count: int


class DimensionMean(Struct, frozen=True):
    key: str
    answered: int
    """By how many participants."""
    mean: float


class Ranked(Struct, frozen=True):
    key: str
    share: Share


class KindRow(Struct, frozen=True):
    kind: str
    """OTHER for all that are too small to be shown."""
    participants: int
    mean: float
    at_least_50: Share
    above_70: Share


class Report(Struct, frozen=True):
    participants: int
    mean: float | None
    """None where there are no participants."""
    at_least_50: Share
    above_70: Share
    distribution: tuple[ScoreClass, ...]
    dimensions: tuple[DimensionMean, ...]
    recommendations: tuple[Ranked, ...]
    """The most frequent first, then by key."""
    asking: Share
    """For training."""
    wishes: tuple[Ranked, ...]
    kinds: tuple[KindRow, ...]
    """The largest first; what is folded together comes last."""


def report_of(figures: Figures, dimensions: Iterable[str]) -> Report:
    """`dimensions` are those of the questionnaire, in its order."""
    scores, marks = figures.of("score"), figures.of("mark")
    everybody = figures.participants
    wishes = {key: count for key, (count, _) in figures.of("wish").items()}
    recommended = figures.of("recommendation").items()
    means = figures.of("dimension")
    return Report(
        participants=everybody,
        mean=_mean(sum(total for _, total in scores.values()), everybody) if everybody else None,
        at_least_50=_share(marks.get("50", (0, 0))[0], everybody),
        above_70=_share(marks.get("70", (0, 0))[0], everybody),
        distribution=tuple(
            ScoreClass(
                lowest,
                100 if lowest + CLASS == 100 else lowest + CLASS - 1,
                scores.get(str(lowest), (0, 0))[0],
            )
            for lowest in range(0, 100, CLASS)
        ),
        dimensions=tuple(
            DimensionMean(key, means[key][0], _mean(means[key][1], means[key][0]))
            for key in dimensions
            if key in means
        ),
        recommendations=tuple(
            Ranked(key, _share(count, everybody))
            for key, (count, _) in sorted(recommended, key=lambda each: (-each[1][0], each[0]))
        ),
        asking=_share(sum(wishes.get(key, 0) for key in ASKING), everybody),
        wishes=tuple(Ranked(key, _share(wishes.get(key, 0), everybody)) for key in WISHES if wishes),
        kinds=_kinds(figures),
    )


def _kinds(figures: Figures) -> tuple[KindRow, ...]:
    good, better = figures.of("kind_50"), figures.of("kind_70")
    rows = [
        KindRow(
            kind,
            count,
            _mean(total, count),
            _share(good.get(kind, (0, 0))[0], count),
            _share(better.get(kind, (0, 0))[0], count),
        )
        for kind, (count, total) in figures.of("kind").items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.kind == OTHER, -row.participants, row.kind)))


def _share(count: int, of: int) -> Share:
    return Share(count, _tenths(100 * count, of) if of else 0.0)


def _mean(total: int, of: int) -> float:
    return _tenths(total, of)


def _tenths(part: int, of: int) -> float:
    """With one decimal, halves rounded up."""
    return (20 * part + of) // (2 * of) / 10
