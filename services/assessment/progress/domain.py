"""What moved between two assessments: of one shop, and the mean of many with its interval.

Nothing here says why. Shops that declared something and shops that did not differ in more than that.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from math import sqrt
from typing import Literal, TypeVar

from msgspec import Struct

LEAST_SHOPS = 20
"""Below it there is "not enough data": an interval over a handful of shops is as wide as the scale."""
FEWEST = 5
"""As in reports: no figure, and no difference of two, is about fewer."""
_Z = 1.959964
"""97.5 % of the normal distribution lie below it."""

Kind = Literal["action", "training", "tool"]
T = TypeVar("T", bound=Hashable)
P = TypeVar("P", bound=Hashable)


class Changes(Struct, frozen=True):
    """Of some shops, by their score: what can be added up."""

    shops: int = 0
    total: int = 0
    squares: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.shops + other.shops, self.total + other.total, self.squares + other.squares)


class MeanChange(Struct, frozen=True):
    """In points, with one decimal; 95 of 100 such intervals hold the mean of all shops like these."""

    mean: float
    low: float
    high: float


def changes(each: Iterable[int]) -> Changes:
    found = [*each]
    return Changes(len(found), sum(found), sum(change * change for change in found))


def mean_change(of: Changes) -> MeanChange | None:
    """None where there is not enough data.

    Student's interval: mean ± t · s / √n, with n - 1 degrees of freedom.
    """
    n = of.shops
    if n < LEAST_SHOPS:
        return None
    mean = of.total / n
    deviation = sqrt(max(of.squares - of.total * of.total / n, 0.0) / (n - 1))
    half = student(n - 1) * deviation / sqrt(n)
    return MeanChange(round(mean, 1), round(mean - half, 1), round(mean + half, 1))


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, to four digits from ten degrees of freedom on.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z, n = _Z, freedom
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def told_apart(everybody: Collection[P], groups: Mapping[T, Collection[P]]) -> list[T]:
    """Which groups of a block can be shown: no two of them, nor one and all, differ by one to four.

    Groups overlap: six shops that declared a tool, five of which took a training, would show the sixth. The
    largest are taken first.
    """
    shown = [frozenset[P](), frozenset(everybody)]
    found = []
    for name in sorted(groups, key=lambda each: (-len(groups[each]), str(each))):
        group = frozenset(groups[name])
        if group and all(not group ^ other or len(group ^ other) >= FEWEST for other in shown):
            shown.append(group)
            found.append(name)
    return found
