"""Groups and seats as they are shown and asked for over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from chassis.http import UNSET, Body, Moment, ShortText, Shown
from services.assessment.advice.domain.entries import Dimension
from services.assessment.coaching.domain.groups import IN_IT, Group, GroupState, Seat, SeatState
from services.assessment.coaching.domain.proposing import Proposed

Language = Literal["fr", "nl", "de", "en"]
Line = Annotated[list[UUID], Field(max_length=50)]
"""Requests, who is first in line first."""


class MakeGroupBody(Body):
    city_id: UUID
    dimension: Dimension
    language: Language
    starts_at: Moment
    ends_at: Moment
    place: ShortText
    """Where it meets."""
    request_ids: Line = Field(default_factory=list)
    """Its line: the first five are offered seats first."""


class ReviseGroup(Body):
    """What changes; what is not sent stays."""

    dimension: Dimension = UNSET
    language: Language = UNSET
    starts_at: Moment = UNSET
    ends_at: Moment = UNSET
    place: ShortText = UNSET


class SetLine(Body):
    request_ids: Line


class Attendance(Body):
    came: Annotated[list[UUID], Field(max_length=5)]
    """Requests of those who came; of the others with a seat it is noted that they did not."""


class Join(Body):
    request_id: UUID


class ShownSeat(Shown):
    id: UUID
    group_id: UUID
    request_id: UUID
    merchant_id: UUID
    line: int
    state: SeatState
    seat: int | None
    expires_at: datetime | None
    """Until when an offer can be taken."""
    attended: bool | None

    @classmethod
    def of(cls, seat: Seat) -> Self:
        return cls(**{name: getattr(seat, name) for name in cls.model_fields})


class GroupSummary(Shown):
    """A group without those who are in it: what shops see that could join."""

    id: UUID
    city_id: UUID
    dimension: str
    language: str
    starts_at: datetime
    ends_at: datetime
    place: str
    state: GroupState
    version: int

    @classmethod
    def of(cls, group: Group, **more: Any) -> Self:
        return cls(**{name: getattr(group, name) for name in GroupSummary.model_fields}, **more)


class OwnSeat(ShownSeat):
    """A seat as the shop's people see it: with when and where its group meets."""

    group: GroupSummary


class ShownGroup(GroupSummary):
    """A group as its consultants see it."""

    seats: list[ShownSeat]
    """Of those in it and in line, who is first first; then of those who are not any more."""

    @classmethod
    def with_seats(cls, group: Group, seats: list[Seat]) -> Self:
        ordered = sorted(seats, key=lambda seat: seat.state not in IN_IT)
        return cls.of(group, seats=[ShownSeat.of(seat) for seat in ordered])


class ShownAsk(Shown):
    request_id: UUID
    merchant_id: UUID


class ShownProposed(Shown):
    dimension: str
    language: str
    half_day: str
    """Half-day of the week on which all have time: `tue-am`."""
    asks: list[ShownAsk]

    @classmethod
    def of(cls, proposed: Proposed) -> Self:
        asks = [ShownAsk(request_id=ask.request_id, merchant_id=ask.merchant_id) for ask in proposed.asks]
        return cls(
            dimension=proposed.dimension, language=proposed.language, half_day=proposed.half_day, asks=asks
        )
