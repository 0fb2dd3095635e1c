"""What is published together: a session, or a city's month outside of sessions; and from when on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

BRUSSELS = ZoneInfo("Europe/Brussels")
FORMS_WINDOW = timedelta(days=3)
"""After a session, until its paper forms are entered."""
MONTHS_WINDOW = timedelta(days=7)
"""After a month, for what happened without a signal and is handed in later."""


class Unit(Struct, frozen=True):
    """Who answered one version of one questionnaire, in one session, or in one city and month without."""

    city_id: UUID
    session_id: UUID | None
    month: date
    """Its first day, in Belgium; of a session, that of the day it was held."""
    questionnaire: str
    version: int

    @property
    def basis(self) -> str:
        return f"{self.questionnaire}.v{self.version}"


def month_of(at: datetime) -> date:
    return at.astimezone(BRUSSELS).date().replace(day=1)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def begins(month: date) -> datetime:
    """The first moment of a month in Belgium."""
    return datetime.combine(month, time(), BRUSSELS)


def month_closes(month: date) -> datetime:
    """From then on its assessments outside of sessions are in reports."""
    return begins(next_month(month)) + MONTHS_WINDOW


def session_closes(ended_at: datetime) -> datetime:
    """From then on a session's forms are in reports."""
    return ended_at + FORMS_WINDOW
