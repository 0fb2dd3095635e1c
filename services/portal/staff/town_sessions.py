"""A consultant's sessions in towns, as their pages show them, and what is done with one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from services.portal.neighbours import Answer, NotThere, Unanswered, part
from services.portal.shops import Shop, read_shop
from services.portal.visitors import Visitor

SESSIONS = "/api/v1/town-sessions"
LOCAL = ZoneInfo("Europe/Brussels")
_MOST_BYTES = 20_000
"""Of a stream that has said nothing about forms by then."""
FIELDS = {"starts_at": "day", "ends_at": "until"}
"""What the service calls otherwise than the form."""


class TownSession(Struct):
    id: UUID
    city_id: UUID
    title: str
    place: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    language: str
    state: str
    version: int
    training: str | None = None


class TownSessions(Struct):
    items: list[TownSession]
    next: str | None = None


class Code(Struct):
    code: str
    address: str
    forms_from: datetime
    forms_until: datetime


class Registration(Struct):
    merchant_id: UUID
    is_waiting: bool
    attended: bool | None


class Registrations(Struct):
    items: list[Registration]


class Picture(Struct):
    """Of so many forms: their mean, and how many score 0-9, 10-19, … 90-100."""

    forms: int
    mean: int
    tenths: list[int]


class Hall(Struct):
    forms: int
    picture: Picture | None = None


async def read_hall(visitor: Visitor, session_id: UUID) -> Hall | None:
    """How things stand in the room: the first event of the live stream; None where nobody tells."""
    stream = visitor.neighbours.stream("assessment", f"{SESSIONS}/{session_id}/live", visitor.session.token)
    said = b""
    try:
        with suppress(msgspec.ValidationError, json.JSONDecodeError):
            async for chunk in stream:
                said += chunk
                data = [line for line in said.split(b"\n")[:-1] if line.startswith(b"data:")]
                if data:
                    return msgspec.convert(json.loads(data[0][5:]), Hall)
                if len(said) > _MOST_BYTES:
                    break
    except Unanswered:
        return None
    finally:
        await stream.aclose()  # type: ignore[attr-defined]
    return None


async def read_shops(visitor: Visitor, ids: Sequence[UUID]) -> dict[UUID, Shop]:
    """Those that the directory tells of."""
    found = await asyncio.gather(
        *[part(read_shop(visitor.neighbours, each, visitor.language)) for each in ids]
    )
    return {each.id: each for each in found if each is not None}


def local_time(day: str, time: str) -> str | None:
    """A day and a time of clocks in Belgium, as the wire has it; None for what is neither."""
    try:
        at = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=LOCAL)
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return None


async def announce(visitor: Visitor, form: Mapping[str, str]) -> tuple[UUID | None, str | None]:
    """The new session, or the field that hinders it. Raises NotThere, Unanswered."""
    plan, fault = _plan(form)
    if fault:
        return None, fault
    attempt = form.get("attempt", "") or "session"
    body = {"city_id": form.get("city_id", ""), **plan}
    answer = await visitor.write("POST", "assessment", SESSIONS, body, attempt=attempt)
    fault = _refused(answer)
    return (None, fault) if fault else (UUID(str(answer.body["id"])), None)


async def revise(visitor: Visitor, session_id: UUID, form: Mapping[str, str]) -> str:
    """The field that hinders it; empty once it is changed. Raises NotThere, Unanswered."""
    plan, fault = _plan(form)
    if fault:
        return fault
    version = form.get("version", "")
    etag = f'"{version}"' if version.isdecimal() else '"0"'
    return _refused(await visitor.write("PATCH", "assessment", f"{SESSIONS}/{session_id}", plan, etag=etag))


def fields_of(session: TownSession) -> dict[str, str]:
    """What the form of a change begins with."""
    starts, ends = session.starts_at.astimezone(LOCAL), session.ends_at.astimezone(LOCAL)
    return {
        "city_id": str(session.city_id),
        "training": session.training or "",
        "title": session.title,
        "place": session.place,
        "day": starts.date().isoformat(),
        "from": f"{starts:%H:%M}",
        "until": f"{ends:%H:%M}",
        "capacity": str(session.capacity),
        "language": session.language,
        "version": str(session.version),
    }


def _plan(form: Mapping[str, str]) -> tuple[dict[str, object], str]:
    """What the form says, as the service takes it, or the first field that is unfit."""
    starts = local_time(form.get("day", ""), form.get("from", ""))
    ends = local_time(form.get("day", ""), form.get("until", ""))
    capacity = form.get("capacity", "")
    for name, is_fit in (
        ("title", bool(form.get("title", "").strip())),
        ("place", bool(form.get("place", "").strip())),
        ("day", starts is not None),
        ("until", ends is not None and (starts or "") < ends),
        ("capacity", capacity.isdecimal() and len(capacity) < 5),
    ):
        if not is_fit:
            return {}, name
    training = form.get("training", "") or None
    return {
        "kind": "training" if training else "awareness",
        "training": training,
        "title": form["title"].strip(),
        "place": form["place"].strip(),
        "starts_at": starts,
        "ends_at": ends,
        "capacity": int(capacity),
        "language": form.get("language", "fr"),
    }, ""


def _refused(answer: Answer) -> str:
    """The field at fault; empty where it was done. Raises NotThere."""
    _only_theirs(answer.status)
    if answer.status < 400:
        return ""
    if answer.status in {412, 428}:
        return "changed"
    named = answer.body.get("errors") or [answer.body]
    field = str(named[0].get("field") or "refused").rpartition(".")[2]
    return FIELDS.get(field, field)


async def end(visitor: Visitor, session_id: UUID, form: Mapping[str, str]) -> bool:
    """Note that it was held, with how many, or call it off; False where that cannot be. Raises NotThere."""
    version = form.get("version", "")
    etag = f'"{version}"' if version.isdecimal() else ""
    path = f"{SESSIONS}/{session_id}"
    if form.get("do") == "cancel":
        answer = await visitor.write("POST", "assessment", f"{path}/cancel", etag=etag)
    else:
        number = form.get("participants", "")
        if not number.isdecimal() or len(number) > 4:
            return False
        body = {"participants": int(number)}
        answer = await visitor.write("POST", "assessment", f"{path}/hold", body, etag=etag)
    _only_theirs(answer.status)
    return answer.status < 400


def _only_theirs(status: int) -> None:
    if status in (401, 403, 404):
        raise NotThere(f"assessment: HTTP {status}")
