"""Who asked to be visited or trained and may be called about it, as a consultant's pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct

from services.portal.staff.town_sessions import LOCAL
from services.portal.visitors import Visitor

CALL_LIST = "/api/v1/call-list"
VISIT = "visit"
A_PAGE = 50


class Weakness(Struct):
    dimension: str
    score: int


class Call(Struct):
    """The latest."""

    outcome: str
    at: datetime
    next_on: date | None


class Contact(Struct):
    merchant_name: str
    person_name: str | None
    email: str
    phone: str | None


class Asker(Struct):
    id: UUID
    merchant_id: UUID
    wish: str
    language: str
    requested_at: datetime
    weak: Weakness | None
    contacts: list[Contact] | None
    call: Call | None = None


class Askers(Struct):
    items: list[Asker]
    next: str | None = None


class _Training(Struct):
    key: str
    title: str


class _Trainings(Struct):
    items: list[_Training]


@dataclass(frozen=True)
class AskedCalls:
    """Which of a city's, as the page is asked; `speaks` is the shop's language, not the reader's."""

    city: UUID | None
    wish: str = ""
    speaks: str = ""
    dimension: str = ""
    contacts: bool = False
    due: bool = False
    """Without those with whom a later day was agreed."""

    @property
    def query(self) -> str:
        given = {name: "true" if value is True else str(value) for name, value in vars(self).items() if value}
        return urlencode(given)

    def as_asked(self) -> dict[str, str]:
        """As the service is asked: its `language` is the shop's."""
        given: dict[str, Any] = {
            "city": self.city,
            "wish": self.wish,
            "language": self.speaks,
            "dimension": self.dimension,
            "contacts": "true" if self.contacts else "",
            "due_on": datetime.now(LOCAL).date() if self.due else "",
        }
        return {name: str(value) for name, value in given.items() if value}


async def read_trainings(visitor: Visitor) -> dict[str, str]:
    """The trainings that can be asked for: by key, what they are called. Raises Unanswered."""
    told = await visitor.shaped(_Trainings, "assessment", "/api/v1/trainings")
    return {each.key: each.title for each in told.items}


async def read_calls(visitor: Visitor, asked: AskedCalls, cursor: str | None = None) -> Askers:
    """A page of them. Raises NotThere, Unanswered."""
    token, given = visitor.session.token, asked.as_asked()
    return await visitor.neighbours.read(
        "assessment", CALL_LIST, Askers, token, limit=A_PAGE, cursor=cursor, **given
    )
