"""What waits for an officer's decision, as its pages show it, and the decision itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import NotThere
from services.portal.visitors import Visitor, fault_of

CASES = "/api/v1/moderation/cases"
_A_PAGE = 25


class Reason(Struct):
    key: str
    text: str


class Picture(Struct):
    id: UUID
    alt: str
    width: int
    height: int


class Contribution(Struct):
    id: UUID
    merchant_id: UUID
    kind: str
    posted_at: datetime
    standing: str
    rating: int | None = None
    text: str | None = None
    language: str | None = None
    tie: str | None = None
    edited_at: datetime | None = None
    credit: str | None = None
    people: str | None = None
    url: str | None = None
    pictures: list[Picture] | None = None


class Report(Struct):
    ground: Reason
    text: str | None
    at: datetime


class Appeal(Struct):
    by: str
    text: str


class Decision(Struct):
    outcome: str
    ground: Reason
    statement: str
    at: datetime


class Case(Struct):
    id: UUID
    city_id: UUID
    contribution: Contribution
    reasons: list[Reason]
    reports: list[Report]
    appeal: Appeal | None
    decisions: list[Decision]
    opened_at: datetime
    due_at: datetime
    overdue: bool
    decided_at: datetime | None
    taken: bool
    taken_by_me: bool
    closed_by: str | None = None

    @property
    def is_anothers(self) -> bool:
        """Somebody else is about to decide it."""
        return self.taken and not self.taken_by_me


class Cases(Struct):
    items: list[Case]
    next: str | None = None


class Load(Struct):
    open: int
    appeals: int
    overdue: int


async def read_queue(visitor: Visitor, city_id: UUID, kind: str | None, cursor: str | None) -> Cases:
    """As they came. Raises NotThere for who is no officer there, and Unanswered."""
    asked = {"city": str(city_id), "kind": kind, "cursor": cursor}
    return await visitor.shaped(Cases, "campaigns", CASES, limit=_A_PAGE, **asked)


async def read_next(visitor: Visitor, city_id: UUID, after: UUID) -> Case | None:
    """Another one that nobody else has taken; None where nothing waits. Raises Unanswered."""
    asked: dict[str, str | int | None] = {"city": str(city_id), "untaken": "true", "limit": 2}
    waiting = await visitor.shaped(Cases, "campaigns", CASES, **asked)
    return next((each for each in waiting.items if each.id != after), None)


async def take(visitor: Visitor, case_id: UUID, *, give_back: bool = False) -> str | None:
    """Keep it for oneself for a quarter of an hour, or let others have it: what hinders that, if anything."""
    method = "DELETE" if give_back else "PUT"
    answer = await visitor.write(method, "campaigns", f"{CASES}/{case_id}/lease")
    return _fault(answer.status, fault_of(answer))


async def decide(visitor: Visitor, case_id: UUID, form: Mapping[str, str]) -> str | None:
    """What hinders the decision that the form says; None where it is made. Raises NotThere, Unanswered."""
    statement, ground = form.get("statement", "").strip(), form.get("ground", "")
    is_removed = form.get("do") == "remove"
    if is_removed and not ground:
        return "ground"
    if is_removed and not statement:
        return "statement"
    body = {
        "outcome": "removed" if is_removed else "published",
        "ground": ground if is_removed else None,
        "statement": statement,
    }
    answer = await visitor.write(
        "POST",
        "campaigns",
        f"{CASES}/{case_id}/decision",
        body,
        attempt=form.get("attempt", "") or "decision",
    )
    return _fault(answer.status, fault_of(answer))


def _fault(status: int, fault: str) -> str | None:
    if status in (401, 403, 404):
        raise NotThere(f"campaigns: HTTP {status}")
    return fault if status >= 400 else None
