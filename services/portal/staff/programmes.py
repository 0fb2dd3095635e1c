"""A consultant's programmes: how many sessions are planned in which town, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import Answer, NotThere
from services.portal.visitors import Visitor

PROGRAMMES = "/api/v1/programmes"
TOWN = "town-"
"""Before a town's id, in the name of its field."""


class Progress(Struct):
    planned: int
    announced: int
    held: int
    participants: int
    missing: int


class TownProgress(Progress):
    city_id: UUID
    is_gap: bool


class ProgrammeSummary(Struct):
    id: UUID
    name: str
    starts_on: date
    ends_on: date
    version: int


class Programme(ProgrammeSummary):
    towns: list[TownProgress]
    total: Progress
    gaps: list[UUID]


class Programmes(Struct):
    items: list[ProgrammeSummary]


async def plan(visitor: Visitor, form: Mapping[str, str], replaced: UUID | None) -> tuple[UUID | None, str]:
    """The programme as it is planned now, or the field that hinders it. Raises NotThere, Unanswered."""
    towns, fault = _towns(form)
    dates = {name: _day(form.get(name, "")) for name in ("starts_on", "ends_on")}
    hindered = [
        *(["name"] if not form.get("name", "").strip() else []),
        *(name for name, day in dates.items() if day is None),
        *([fault] if fault else []),
    ]
    if hindered:
        return None, hindered[0]
    body = {"name": form["name"].strip(), **dates, "towns": towns}
    answer = await _sent(visitor, form, body, replaced)
    if answer.status in {200, 201}:
        return UUID(str(answer.body["id"])), ""
    if answer.status in {401, 403, 404}:
        raise NotThere(f"assessment: HTTP {answer.status}")
    return None, "changed" if answer.status == 412 else _field_of(answer)


async def _sent(
    visitor: Visitor, form: Mapping[str, str], body: Mapping[str, object], replaced: UUID | None
) -> Answer:
    if replaced is None:
        attempt = form.get("attempt", "") or "programme"
        return await visitor.write("POST", "assessment", PROGRAMMES, body, attempt=attempt)
    version = form.get("version", "")
    etag = f'"{version}"' if version.isdecimal() else '"0"'
    return await visitor.write("PUT", "assessment", f"{PROGRAMMES}/{replaced}", body, etag=etag)


def _towns(form: Mapping[str, str]) -> tuple[list[dict[str, object]], str]:
    """Those with a number, or the field that is none; "towns" where all are empty."""
    planned: list[dict[str, object]] = []
    for name, typed in form.items():
        number = typed.strip()
        if not name.startswith(TOWN) or not number:
            continue
        if not number.isdecimal() or len(number) > 3:
            return [], name
        planned.append({"city_id": name.removeprefix(TOWN), "planned": int(number)})
    return (planned, "") if planned else ([], "towns")


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _field_of(answer: Answer) -> str:
    """What of the plan was refused: one of a town's fields is the towns'."""
    named = answer.body.get("errors") or [answer.body]
    return str(named[0].get("field") or "refused").removeprefix("body.").partition(".")[0]
