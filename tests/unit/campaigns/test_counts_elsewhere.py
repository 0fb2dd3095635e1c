"""Which counts cannot be right."""

from __future__ import annotations

from datetime import date

import pytest

from services.campaigns.elsewhere.domain import FoundCount, Measure, Source, implausible

TODAY = date(2026, 11, 26)


def count(
    measure: Measure = Measure.REVIEWS, figure: float = 12, day: date = TODAY, scale: int | None = None
) -> FoundCount:
    return FoundCount("google", measure, day, figure, Source.MERCHANT, scale)


@pytest.mark.parametrize(
    "right",
    [
        count(),
        count(figure=0),
        count(day=date(2019, 1, 1)),
        count(Measure.MEAN, 4.6, scale=5),
        count(Measure.MEAN, 8.1, scale=10),
    ],
)
def test_what_a_platform_shows_is_plausible(right: FoundCount) -> None:
    assert implausible(right, TODAY) is None


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("day", count(day=date(2026, 11, 27))),
        ("day", count(day=date(1999, 12, 31))),
        ("figure", count(figure=-1)),
        ("figure", count(figure=2.5)),
        ("figure", count(figure=10_000_001)),
        ("scale", count(scale=5)),
        ("scale", count(Measure.MEAN, 4.6)),
        ("scale", count(Measure.MEAN, 4.6, scale=7)),
        ("figure", count(Measure.MEAN, 5.1, scale=5)),
        ("figure", count(Measure.MEAN, 0, scale=5)),
    ],
)
def test_what_cannot_be_is_named_by_its_field(field: str, wrong: FoundCount) -> None:
    found = implausible(wrong, TODAY)
    assert found is not None
    assert found[0] == field
