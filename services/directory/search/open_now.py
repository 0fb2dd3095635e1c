"""Whether a merchant is open at a moment, as far as its hours say."""

from datetime import datetime
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # missing in its stubs

from services.directory.merchants.details import HOURS_LIMIT

COUNTRY, TIMEZONE = "BE", ZoneInfo("Europe/Brussels")
"""Whose public holidays count, and whose clock."""


def is_open(hours: str | None, at: datetime) -> bool | None:
    """None where nothing is known, or no machine can read it: nobody is sent to a closed door for that."""
    if hours is None or len(hours) > HOURS_LIMIT:
        return None
    try:
        return bool(OpeningHours(hours, timezone=TIMEZONE, country=COUNTRY).is_open(at.astimezone(TIMEZONE)))
    except (ParserError, ValueError):
        return None
