"""A programme: how many sessions a region or a city plans in each of its towns, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
LONGEST = timedelta(days=5 * 366)


class InvalidProgramme(Exception):
    """A field of it makes no sense."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class Programme:
    id: UUID
    name: str
    starts_on: date
    ends_on: date
    """The last day that belongs to it."""
    planned: Mapping[UUID, int]
    """How many sessions in which town."""
    version: int = 1

    def check(self) -> None:
        """Raise InvalidProgramme where the fields do not fit each other."""
        if not self.starts_on <= self.ends_on <= self.starts_on + LONGEST:
            raise InvalidProgramme("ends_on", "is not within five years after its first day")

    def period(self) -> tuple[datetime, datetime]:
        """From its first moment to the first that no longer belongs to it, by the clocks of the country."""
        last = self.ends_on + timedelta(days=1)
        first, after = (datetime.combine(day, time(), BRUSSELS) for day in (self.starts_on, last))
        return first, after


@dataclass(frozen=True)
class Progress:
    """What became of a town's part of the plan, or of several towns'."""

    planned: int = 0
    announced: int = 0
    held: int = 0
    cancelled: int = 0
    participants: int = 0
    """Counted in the rooms of those that were held."""

    @property
    def missing(self) -> int:
        """Sessions that are planned and that nobody has announced yet."""
        return max(0, self.planned - self.announced - self.held)

    @property
    def is_gap(self) -> bool:
        """A town without any session, though some are planned."""
        return self.planned > 0 and not self.announced and not self.held

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.planned + other.planned,
            self.announced + other.announced,
            self.held + other.held,
            self.cancelled + other.cancelled,
            self.participants + other.participants,
        )
