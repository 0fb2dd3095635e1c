"""The kinds of question that are answered with a whole number: a place on a scale, a count."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from services.assessment.questionnaires.domain.questions import (
    FULL,
    Bound,
    Condition,
    Given,
    InvalidAnswer,
    Key,
    Part,
    Points,
    Question,
    Raw,
    Text,
)


class _Counted(Question, frozen=True, kw_only=True):
    """Answered with a whole number between two bounds."""

    def bounds(self) -> tuple[int, int]:
        raise NotImplementedError

    def read(self, raw: Raw) -> int | None:
        lowest, highest = self.bounds()
        if not raw:
            return None
        number = raw[0]
        if len(raw) > 1 or type(number) is not int:
            raise InvalidAnswer(self.key, "takes one whole number")
        if not lowest <= number <= highest:
            raise InvalidAnswer(self.key, f"lies between {lowest} and {highest}")
        return number

    def can_be(self, condition: Condition) -> bool:
        lowest, highest = self.bounds()
        at_least = lowest if condition.at_least is None else condition.at_least
        at_most = highest if condition.at_most is None else condition.at_most
        says = condition.at_least is not None or condition.at_most is not None
        return says and not condition.any_of and lowest <= at_least <= at_most <= highest

    def faults(self) -> Iterator[str]:
        lowest, highest = self.bounds()
        if lowest >= highest:
            yield f"highest: {highest} is not above {lowest}"


class Scale(_Counted, frozen=True, kw_only=True, tag_field="kind", tag="scale"):
    """A place between two ends that are put in words; the points rise evenly from 0 to FULL."""

    kind: ClassVar[str] = "scale"

    lowest: Bound = 1
    highest: Bound = 5
    low: Text
    high: Text
    recommends: tuple[Key, ...] = ()
    """What an answer of `recommends_at_most` or less calls for."""
    recommends_at_most: Bound | None = None

    def bounds(self) -> tuple[int, int]:
        return self.lowest, self.highest

    def points(self, given: Given) -> int:
        return (_number(given) - self.lowest) * FULL // (self.highest - self.lowest)

    def calls_for(self, given: Given) -> frozenset[str]:
        if self.recommends_at_most is None or _number(given) > self.recommends_at_most:
            return frozenset()
        return frozenset(self.recommends)

    def recommends_ever(self) -> frozenset[str]:
        return frozenset(self.recommends)

    def best(self) -> int:
        return FULL

    def faults(self) -> Iterator[str]:
        yield from super().faults()
        steps = self.highest - self.lowest
        if steps > 0 and FULL % steps:
            yield f"highest: {FULL} points are not spread evenly over {steps} steps"
        if bool(self.recommends) != (self.recommends_at_most is not None):
            yield "recommends_at_most: goes together with recommends"
        elif self.recommends_at_most is not None and not (
            self.lowest <= self.recommends_at_most < self.highest
        ):
            yield f"recommends_at_most: lies between {self.lowest} and {self.highest - 1}"


class Band(Part, frozen=True):
    """What a number from `at_least` on is worth, up to the next band."""

    at_least: Bound
    points: Points
    recommends: tuple[Key, ...] = ()


class Number(_Counted, frozen=True, kw_only=True, tag_field="kind", tag="number"):
    """A whole number, worth the points of the band it lies in."""

    kind: ClassVar[str] = "number"

    lowest: Bound
    highest: Bound
    unit: Text
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)]

    def bounds(self) -> tuple[int, int]:
        return self.lowest, self.highest

    def band(self, given: Given) -> Band:
        number = _number(given)
        return next(band for band in reversed(self.bands) if number >= band.at_least)

    def points(self, given: Given) -> int:
        return self.band(given).points

    def calls_for(self, given: Given) -> frozenset[str]:
        return frozenset(self.band(given).recommends)

    def recommends_ever(self) -> frozenset[str]:
        return frozenset(key for band in self.bands for key in band.recommends)

    def best(self) -> int:
        return max(band.points for band in self.bands)

    def faults(self) -> Iterator[str]:
        yield from super().faults()
        starts = [band.at_least for band in self.bands]
        if starts[0] != self.lowest:
            yield f"bands: the first begins at {starts[0]}, not at {self.lowest}"
        if starts != sorted({*starts}):
            yield "bands: each begins above the one before"
        if starts[-1] > self.highest:
            yield f"bands: the last begins at {starts[-1]}, which is above {self.highest}"


def _number(given: Given) -> int:
    assert isinstance(given, int), "a scale or a count is answered with a number"
    return given
