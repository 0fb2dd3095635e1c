"""Until when an offered seat can be taken: working days as Belgium has them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

WORKING_DAYS = 2
"""Long enough to ask at home, short enough that the next in line still has time (decided by the issue)."""
_BRUSSELS = ZoneInfo("Europe/Brussels")
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Monday to Friday, but for the ten legal holidays (law of 4 January 1974)."""
    return day.weekday() < _SATURDAY and day not in holidays.country_holidays("BE", years=day.year)


def offer_ends(offered_at: datetime, starts_at: datetime) -> datetime:
    """The end of the second working day after that of the offer, in Brussels; not after the group begins."""
    day, left = offered_at.astimezone(_BRUSSELS).date(), WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return min(datetime.combine(day + timedelta(days=1), time(), _BRUSSELS).astimezone(UTC), starts_at)
