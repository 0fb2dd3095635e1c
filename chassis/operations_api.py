"""What an operator does with any service over HTTP: its state, dead letters, consumers, replay, republish.

Mounted by every service under /api/v1/operations/<service>; the operator's role is asked for everywhere.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from chassis import dead_letters, maintenance, openapi, outbox, relay, replay, retention
from chassis.access import Access, may
from chassis.consumer import Consumer, Refused
from chassis.database import is_infrastructure_error
from chassis.identity import Role
from chassis.ids import lowest_at
from chassis.problems import Problem, conflict, invalid, not_found

if TYPE_CHECKING:
    from chassis.service import Service

log = structlog.get_logger(__name__)


SHOWN = timedelta(days=30)
ONLY_OPERATORS = may(Role.operator)
Operator = Annotated[Access, ONLY_OPERATORS]


_LINES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A line of JSON per chunk.", "content": {"application/x-ndjson": {}}}
}


def router(service: Service) -> APIRouter:
    """The operator's routes of one service."""
    routes = APIRouter(
        prefix=f"/api/v1/operations/{service.name}", tags=["operations"], dependencies=[ONLY_OPERATORS]
    )
    _add_state(routes, service)
    _add_dead_letters(routes, service)
    _add_replay(routes, service)
    _add_retention(routes, service)
    return routes


def _consumer(service: Service, name: str) -> Consumer:
    for consumer in service.consumers:
        if consumer.durable.name == name:
            return consumer
    raise not_found(f"consumer {name}")


def _add_state(routes: APIRouter, service: Service) -> None:
    @routes.get("/status")
    async def status() -> dict[str, Any]:
        """Outbox, dead letters and consumers at a glance."""
        waiting, age = await relay.measure(service.database)
        return {
            "service": service.name,
            "outbox": {"unpublished": waiting, "oldest_seconds": round(age, 3)},
            "dead_letters": {"open": await dead_letters.count_open(service.database)},
            "consumers": [await _state(service, consumer) for consumer in service.consumers],
        }

    @routes.get("/events/{event_id}")
    async def show_event(event_id: UUID) -> dict[str, Any]:
        """When an event of this service was published, and in which trace; what it says is not told."""
        event = await outbox.find(service.database, event_id)
        if event is None:
            raise not_found(f"event {event_id}")
        traceparent = event.pop("traceparent")
        return event | {"trace_id": traceparent and traceparent.split("-")[1]}

    @routes.post("/consumers/{name}/resume")
    async def resume(name: str, operator: Operator) -> dict[str, Any]:
        """Let a paused consumer work again."""
        resumed = await _consumer(service, name).pause.resume()
        log.info("consumer resumed", consumer=name, by=str(operator.person_id), was_paused=resumed)
        return {"consumer": name, "resumed": resumed}


def _add_retention(routes: APIRouter, service: Service) -> None:
    @routes.get("/retention")
    async def show_retention() -> dict[str, Any]:
        """How long what is kept, and how much was deleted in the last thirty days because it was over.

        `kept_back` is how much is over and stays, where `why` says that some does; `failing` says that all
        of it does, because the rule could not be enforced when it was last tried, and since when.
        """
        now = service.clock()
        done = await retention.done_since(service.database, now - SHOWN)
        rules = (*maintenance.RULES, *service.retention)
        kept_back = await retention.kept_back(service.database, rules, now)
        failing = await retention.failures(service.database)
        shown = [
            _rule(each, done.get(each.name), kept_back.get(each.name), failing.get(each.name))
            for each in rules
        ]
        return {"service": service.name, "rules": shown}


def _rule(
    rule: retention.Rule,
    done: tuple[int, datetime] | None,
    kept_back: int | None,
    failing: retention.Failure | None,
) -> dict[str, Any]:
    rows, last_at = done or (0, None)
    return {
        "what": rule.name,
        "kept_seconds": int(rule.kept.total_seconds()),
        "since": rule.since,
        "why": rule.why,
        "deleted": rows,
        "last_at": last_at,
        "kept_back": kept_back,
        "failing": failing._asdict() if failing is not None else None,
    }


async def _state(service: Service, consumer: Consumer) -> dict[str, Any]:
    name = consumer.durable.name
    lag: dict[str, Any] = {"pending": None, "under_way": None, "redelivered": None}
    if service.running_consumers is not None and service.running_consumers.connected:
        try:
            lag = dict(await service.running_consumers.state(consumer))
        except Exception as error:
            log.info("consumer's state is unknown", consumer=name, error=type(error).__name__)
    return {"consumer": name, "paused": await consumer.pause.reason(), "idle": consumer.idle, **lag}


def _add_dead_letters(routes: APIRouter, service: Service) -> None:
    @routes.get("/dead-letters")
    async def list_dead_letters(
        state: Annotated[str | None, Query(pattern="^(open|redriven|discarded)$")] = "open",
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        """Dead letters in the order they died; `next` is the `after` of the next page."""
        items = await dead_letters.page(service.database, state, after, limit)
        return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}

    @routes.get("/dead-letters/{letter_id}")
    async def show_dead_letter(letter_id: UUID) -> dict[str, Any]:
        """One dead letter with headers and body: as text where it is text, as base64 in any case."""
        letter = await dead_letters.find(service.database, letter_id)
        if letter is None:
            raise not_found(f"dead letter {letter_id}")
        body = bytes(letter.pop("body"))
        return letter | {
            "body": body.decode("utf-8", errors="replace"),
            "body_base64": base64.b64encode(body).decode(),
        }

    @routes.post("/dead-letters/{letter_id}/redrive", responses=openapi.problems(409))
    async def redrive(letter_id: UUID, operator: Operator) -> dict[str, Any]:
        """Apply it after all: once, however often it is asked for."""
        letter = await dead_letters.find(service.database, letter_id)
        if letter is None:
            raise not_found(f"dead letter {letter_id}")
        try:
            done = await _consumer(service, letter["consumer"]).redrive(letter_id, str(operator.person_id))
        except Exception as error:
            if is_infrastructure_error(error) or isinstance(error, Problem):
                raise
            reason = (
                "; ".join(error.reasons.values())
                if isinstance(error, Refused)
                else f"{type(error).__name__}: {error}"
            )
            raise conflict(
                "still-not-applicable", f"It failed again and stays open: {reason[:500]}"
            ) from error
        return {"id": letter_id, "redriven": done, "state": "redriven" if done else letter["state"]}

    @routes.post("/dead-letters/{letter_id}/discard", status_code=204, responses=openapi.problems(409))
    async def discard(letter_id: UUID, operator: Operator) -> Response:
        """Give it up for good; it stays readable for 90 days."""
        async with service.database.transaction() as tx:
            if not await dead_letters.decide(tx, letter_id, "discarded", str(operator.person_id)):
                raise conflict("already-decided", "It was redriven or discarded before, or does not exist.")
        return Response(status_code=204)


def _add_replay(routes: APIRouter, service: Service) -> None:
    @routes.post("/replay", response_class=StreamingResponse, responses=_LINES)
    async def replay_outbox(since: datetime | None = None) -> StreamingResponse:
        """Queue everything the outbox has published (since an ISO time) once more; a line per chunk."""
        try:
            start = lowest_at(since if since.tzinfo else since.replace(tzinfo=UTC)) if since else None
        except ValueError as error:
            raise invalid("since", "lies before 1970 or too far ahead") from error
        return StreamingResponse(
            _lines(replay.replay(service.database, start)), media_type="application/x-ndjson"
        )

    @routes.post(
        "/republish", response_class=StreamingResponse, responses={**_LINES, **openapi.problems(404)}
    )
    async def republish() -> StreamingResponse:
        """Queue every fact of this service's own tables once more; a line per chunk."""
        if service.republish is None:
            raise not_found("a history to republish")
        return StreamingResponse(
            _lines(replay.republish(service.database, service.republish)), media_type="application/x-ndjson"
        )


async def _lines(counts: AsyncIterator[int]) -> AsyncIterator[str]:
    total = 0
    async for total in counts:
        yield f'{{"queued": {total}}}\n'
    yield f'{{"queued": {total}, "done": true}}\n'
