"""Opening hours as a machine reads them: open now, and until when, in Belgium with its public holidays.

They are written as OpenStreetMap writes them ("Mo-Sa 08:00-19:30; PH off"). PH is a Belgian public holiday.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # missing in its stubs

from services.directory.merchants.details import HOURS_LIMIT, Details

BRUSSELS = ZoneInfo("Europe/Brussels")
COUNTRY = "BE"
# A change beyond a year interests nobody, and to look for one can take half a second ("2020 Mo 10:00-12:00").
_HORIZON_DAYS = 366
_REMEMBERED = 20_000
# Sunset is asked for by few hours and for them within a few minutes: a tenth of a degree is near enough.
_PLACE_DECIMALS = 1


@dataclass(frozen=True)
class OpenState:
    """Whether a merchant is open at a moment, and when that changes next."""

    open_now: bool | None
    """None where its hours do not say ("by appointment")."""
    next_change: datetime | None
    """None where nothing changes within a year."""


UNKNOWN = OpenState(None, None)


def normal_opening_hours(given: str | None) -> str | None:
    """The hours in normal form, or None where there are none or no machine can read them."""
    read = _read(given, None) if given else None
    return read[1] if read else None


def open_state(given: str | None, longitude: float, latitude: float, at: datetime) -> OpenState:
    """Open or not at `at`; unknown where there are no hours or no machine can read them."""
    place = (round(latitude, _PLACE_DECIMALS), round(longitude, _PLACE_DECIMALS))
    read = _read(given, place) if given else None
    if read is None:
        return UNKNOWN
    hours, local = read[0], at.astimezone(BRUSSELS)
    open_now = None if hours.is_unknown(local) else bool(hours.is_open(local))
    change = hours.next_change(local)
    return OpenState(open_now, change and change.astimezone(UTC))


def state_of(details: Details, at: datetime) -> OpenState:
    """Of a merchant with these details."""
    return open_state(details.opening_hours, details.longitude, details.latitude, at)


@lru_cache(_REMEMBERED)
def _read(given: str, place: tuple[float, float] | None) -> tuple[OpeningHours, str] | None:
    """The hours and their normal form. Kept: a list reads the same hours again and again."""
    if len(given) > HOURS_LIMIT:
        return None
    try:
        hours = OpeningHours(
            " ".join(given.split()),
            timezone=BRUSSELS,
            country=COUNTRY,
            coords=place,
            max_interval_days=_HORIZON_DAYS,
        )
        return hours, str(hours.normalize())
    except (ParserError, ValueError):
        return None
