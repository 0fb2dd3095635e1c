"""An offer holds for two working days, as Belgium has them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.assessment.coaching.domain.working_days import is_working_day, offer_ends

FAR = datetime(2030, 1, 1, tzinfo=UTC)


def brussels_midnight(year: int, month: int, day: int) -> datetime:
    """As UTC, in winter."""
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=1)


@pytest.mark.parametrize(
    ("offered_at", "ends_at"),
    [
        # Thursday: Friday and Monday.
        (datetime(2026, 11, 26, 9, tzinfo=UTC), brussels_midnight(2026, 12, 1)),
        # A Saturday counts as little as the Sunday behind it.
        (datetime(2026, 11, 28, 9, tzinfo=UTC), brussels_midnight(2026, 12, 2)),
        # Christmas is a Friday, and then comes a weekend.
        (datetime(2026, 12, 23, 9, tzinfo=UTC), brussels_midnight(2026, 12, 29)),
        # It is Friday in Brussels already.
        (datetime(2026, 11, 26, 23, 30, tzinfo=UTC), brussels_midnight(2026, 12, 2)),
        # Easter Monday 2027 is 29 March, when summer time has begun.
        (datetime(2027, 3, 25, 9, tzinfo=UTC), datetime(2027, 3, 30, 22, tzinfo=UTC)),
    ],
)
def test_offers_end_with_the_second_working_day(offered_at: datetime, ends_at: datetime) -> None:
    assert offer_ends(offered_at, FAR) == ends_at


def test_no_offer_outlasts_the_beginning_of_its_group() -> None:
    starts_at = datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert offer_ends(datetime(2026, 11, 26, 9, tzinfo=UTC), starts_at) == starts_at


@pytest.mark.parametrize(
    "day", [(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25), (4, 6), (5, 14), (5, 25)]
)
def test_the_ten_legal_holidays_are_none(day: tuple[int, int]) -> None:
    assert not is_working_day(date(2026, *day))
