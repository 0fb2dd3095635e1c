"""A coaching group and its seats: what may become of what.

    group:  draft → open → formed → held         (from each but held: cancelled)
    seat:   waiting → offered → taken            (from each: gone, for one of the reasons)

Five seats are numbered. Whoever is offered one holds its number, whoever takes it keeps it, and nobody else
has one: the database refuses a sixth, whatever happens at the same moment.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.assessment.coaching.domain.proposing import MOST_IN_A_GROUP

SEATS = range(1, MOST_IN_A_GROUP + 1)


class GroupState(StrEnum):
    DRAFT = "draft"
    """Put together by consultants; nobody knows of it yet."""
    OPEN = "open"
    """Its seats are offered."""
    FORMED = "formed"
    """It takes place with those who took a seat; free ones are offered on."""
    HELD = "held"
    """It took place."""
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    WAITING = "waiting"
    """In line."""
    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"
    """Said no to the offer."""
    EXPIRED = "expired"
    """Did not answer in time."""
    LEFT = "left"
    """Gave it back, left the line, took a seat elsewhere for the same request, or withdrew that."""
    REMOVED = "removed"
    """By a consultant."""
    CANCELLED = "cancelled"
    """With the group."""


OFFERING = (GroupState.OPEN, GroupState.FORMED)
"""Groups whose free seats are offered to who is next in line."""
IN_IT = (SeatState.WAITING, SeatState.OFFERED, SeatState.TAKEN)
"""Seats of who is in a group, or waits for it."""


@dataclass(frozen=True)
class Group:
    id: UUID
    city_id: UUID
    dimension: str
    language: str
    starts_at: datetime
    ends_at: datetime
    place: str
    state: GroupState
    version: int
    """Counts every change, of its seats too: what a calendar calls SEQUENCE, and an ETag."""
    changed_at: datetime
    made_at: datetime
    made_by: UUID | None
    formed_at: datetime | None = None
    formed_with: int | None = None
    """How many had taken a seat when it formed."""

    def offers(self, now: datetime) -> bool:
        """Whether its free seats can still be had."""
        return self.state in OFFERING and now < self.starts_at


@dataclass(frozen=True)
class Seat:
    """Somebody in a group or in its line."""

    id: UUID
    group_id: UUID
    city_id: UUID
    request_id: UUID
    merchant_id: UUID
    line: int
    """Who is before whom."""
    state: SeatState
    seat: int | None = None
    """1 to 5, of whoever was offered one or took it."""
    offered_at: datetime | None = None
    expires_at: datetime | None = None
    taken_at: datetime | None = None
    attended: bool | None = None
    """None until somebody noted it."""
