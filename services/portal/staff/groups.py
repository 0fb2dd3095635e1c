"""Coaching groups of five at most, as a consultant's pages show them, and what is done with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import Answer, NotThere
from services.portal.staff.town_sessions import LOCAL, local_time
from services.portal.visitors import Visitor

GROUPS = "/api/v1/coaching-groups"
PROPOSALS = "/api/v1/coaching-proposals"
LINE = "line-"
"""Before a request's id, in the name of the field with its place in line."""
IN_IT = ("waiting", "offered", "taken")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat")
_HOURS = {"am": ("09:00", "12:00"), "pm": ("13:30", "16:30")}
_SOON = timedelta(days=7)
"""Offers are open for two working days each: who is asked later still has a chance."""


class Seat(Struct):
    id: UUID
    request_id: UUID
    merchant_id: UUID
    line: int
    state: str
    seat: int | None
    expires_at: datetime | None
    attended: bool | None


class GroupSummary(Struct):
    id: UUID
    city_id: UUID
    dimension: str
    language: str
    starts_at: datetime
    ends_at: datetime
    place: str
    state: str
    version: int


class Group(GroupSummary):
    seats: list[Seat]

    def in_it(self) -> list[Seat]:
        """Who is in it or in line, in order."""
        return [each for each in self.seats if each.state in IN_IT]


class Groups(Struct):
    items: list[GroupSummary]
    next: str | None = None


class Ask(Struct):
    request_id: UUID
    merchant_id: UUID


class Proposed(Struct):
    dimension: str
    language: str
    half_day: str
    asks: list[Ask]


class Proposals(Struct):
    items: list[Proposed]


def hours_of(half_day: str, today: date) -> dict[str, str]:
    """The fields of the next such half-day that leaves time to ask everybody; none for what is none."""
    weekday, _, half = half_day.partition("-")
    if weekday not in _WEEKDAYS or half not in _HOURS:
        return {}
    day = today + _SOON
    day += timedelta(days=(_WEEKDAYS.index(weekday) - day.weekday()) % 7)
    starts, ends = _HOURS[half]
    return {"day": day.isoformat(), "from": starts, "until": ends}


def fields_of(group: Group) -> dict[str, str]:
    """What the form of its time and place begins with."""
    starts, ends = group.starts_at.astimezone(LOCAL), group.ends_at.astimezone(LOCAL)
    return {
        "dimension": group.dimension,
        "speaks": group.language,
        "day": starts.date().isoformat(),
        "from": f"{starts:%H:%M}",
        "until": f"{ends:%H:%M}",
        "place": group.place,
    }


async def make(visitor: Visitor, city_id: UUID, pairs: Sequence[tuple[str, str]]) -> tuple[UUID | None, str]:
    """The new group, or the field that hinders it. Raises NotThere, Unanswered."""
    form = dict(pairs)
    body, fault = _plan(form)
    if fault:
        return None, fault
    asked = [value for name, value in pairs if name == "requests"]
    body |= {"city_id": str(city_id), "request_ids": asked}
    answer = await visitor.write("POST", "assessment", GROUPS, body, attempt=form.get("attempt") or "group")
    fault = _fault_of(answer)
    return (None, fault) if fault else (UUID(str(answer.body["id"])), "")


async def change(visitor: Visitor, group_id: UUID, pairs: Sequence[tuple[str, str]]) -> str:
    """What hinders it; empty once it is done. Raises NotThere, Unanswered."""
    form = dict(pairs)
    version = form.get("version", "")
    etag = f'"{version}"' if version.isdecimal() else '"0"'
    path = f"{GROUPS}/{group_id}"
    match form.get("do"):
        case "revise":
            body, fault = _plan(form)
            if fault:
                return fault
            answer = await visitor.write("PATCH", "assessment", path, body, etag=etag)
        case "line":
            answer = await visitor.write("PUT", "assessment", f"{path}/line", _line(form), etag=etag)
        case "attendance":
            came = [value for name, value in pairs if name == "came"]
            answer = await visitor.write("PUT", "assessment", f"{path}/attendance", {"came": came}, etag=etag)
        case "offers" | "formation" | "cancellation" as step:
            answer = await visitor.write("POST", "assessment", f"{path}/{step}", etag=etag)
        case _:
            return "refused"
    return _fault_of(answer)


def _plan(form: Mapping[str, str]) -> tuple[dict[str, object], str]:
    """The body, or the field that hinders it."""
    starts = local_time(form.get("day", ""), form.get("from", ""))
    ends = local_time(form.get("day", ""), form.get("until", ""))
    place = form.get("place", "").strip()
    if starts is None:
        return {}, "day"
    if ends is None or ends <= starts:
        return {}, "until"
    if not place:
        return {}, "place"
    return {
        "dimension": form.get("dimension", ""),
        "language": form.get("speaks", ""),
        "starts_at": starts,
        "ends_at": ends,
        "place": place,
    }, ""


def _line(form: Mapping[str, str]) -> dict[str, object]:
    """Requests by the numbers that were typed beside them; those without one are not in line."""
    numbered = [
        (int(number), name.removeprefix(LINE))
        for name, number in form.items()
        if name.startswith(LINE) and number.strip().isdecimal() and len(number) < 4
    ]
    return {"request_ids": [request for _, request in sorted(numbered)]}


_FIELDS = {"starts_at": "day", "ends_at": "until", "language": "speaks", "request_ids": "requests"}


def _fault_of(answer: Answer) -> str:
    if answer.status in {401, 403, 404}:
        raise NotThere(f"assessment: HTTP {answer.status}")
    if answer.status < 400:
        return ""
    if answer.status != 422:
        return "changed" if answer.status in {412, 428} else "refused"
    named = answer.body.get("errors") or [answer.body]
    field = str(named[0].get("field") or "refused").partition(".")[0]
    return _FIELDS.get(field, field)
