"""What an operator looks after, as each service tells it: its queues, its dead letters, who did what."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from services.portal.neighbours import NotThere, Report, State, part
from services.portal.visitors import Visitor

_TRACE = re.compile(r"(?:00)?([0-9a-f]{32})(?:[0-9a-f]{18})?")
"""A trace id, alone or in a traceparent (W3C Trace Context); a request has the same at the gateway."""
_EVENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_LETTERS = 50
"""Of each service: more of them are one cause, and its first is looked into."""


class Outbox(Struct):
    unpublished: int
    oldest_seconds: float


class Consumer(Struct):
    consumer: str
    paused: str | None
    idle: bool
    pending: int | None
    under_way: int | None
    redelivered: int | None


class OpenLetters(Struct):
    open: int


class Status(Struct):
    outbox: Outbox
    dead_letters: OpenLetters
    consumers: list[Consumer]


class Letter(Struct):
    id: UUID
    consumer: str
    subject: str
    event_id: UUID | None
    error: str
    attempts: int
    trace_id: str | None
    died_at: datetime
    state: str
    headers: dict[str, Any] | None = None
    body: str | None = None


class Published(Struct):
    """An event as its service keeps it."""

    trace_id: str | None


class Letters(Struct):
    items: list[Letter]


class ErasedPart(Struct):
    owner: str
    done_at: datetime | None


class Erasure(Struct):
    id: UUID
    state: str
    requested_at: datetime
    completed_at: datetime | None
    parts: list[ErasedPart]


class Erasures(Struct):
    items: list[Erasure]
    next: UUID | None = None


class AuditEntry(Struct):
    at: datetime
    action: str
    actor_name: str | None
    details: dict[str, str | int | bool]
    actor_id: UUID | None = None


class Audit(Struct):
    items: list[AuditEntry]
    next: str | None = None


@dataclass(frozen=True)
class Looked:
    """One service; a part is None where it does not tell."""

    name: str
    report: Report
    status: Status | None
    letters: Sequence[Letter] | None

    @property
    def is_well(self) -> bool:
        """Ready, and nothing in it waits for somebody."""
        told = self.status is not None and not any(each.paused for each in self.status.consumers)
        return told and self.report.state is State.ready and not self.letters


def of(service: str) -> str:
    """Where a service is operated."""
    return f"/api/v1/operations/{service}"


async def trace_of(visitor: Visitor, sought: str) -> str | None:
    """The trace that an id means: of an event that a service published, or else of a request itself."""
    typed = sought.strip().lower()
    if _EVENT.fullmatch(typed):
        asked = [
            part(visitor.shaped(Published, each, f"{of(each)}/events/{typed}"))
            for each in visitor.neighbours.names
        ]
        for event in await asyncio.gather(*asked):
            if event is not None and event.trace_id:
                return event.trace_id
    found = _TRACE.fullmatch(typed.replace("-", ""))
    return found[1] if found else None


async def look(visitor: Visitor) -> list[Looked]:
    """At all services side by side, as far as each answers this person. Raises nothing."""
    names = visitor.neighbours.names
    reports, statuses, letters = await asyncio.gather(
        visitor.neighbours.ask_all(),
        asyncio.gather(*[part(visitor.shaped(Status, each, f"{of(each)}/status")) for each in names]),
        asyncio.gather(
            *[
                part(visitor.shaped(Letters, each, f"{of(each)}/dead-letters", limit=_MOST_LETTERS))
                for each in names
            ]
        ),
    )
    return [
        Looked(name, report, status, None if dead is None else dead.items)
        for name, report, status, dead in zip(names, reports, statuses, letters, strict=True)
    ]


async def change(visitor: Visitor, service: str, path: str) -> str | None:
    """Why the service does not do that, in its words; None where it is done. Raises NotThere, Unanswered."""
    answer = await visitor.write("POST", service, f"{of(service)}/{path}")
    if answer.status in (401, 403, 404):
        raise NotThere(f"{service}: HTTP {answer.status}")
    return _detail(answer.body) if answer.status >= 400 else None


def _detail(problem: Mapping[str, Any]) -> str:
    return str(problem.get("detail") or problem.get("title") or "")
