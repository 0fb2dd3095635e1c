"""The operator's log of messages: what became of each and why, and one that never arrived sent again."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere
from services.portal.reader import Reader
from services.portal.staff.entrance import page
from services.portal.visitors import Door, Visitor, see_other

PATH = "/api/v1/notifications/deliveries"
State = Literal["", "pending", "sending", "failed_for_now", "sent", "failed_for_good", "suppressed"]
_MOST = 50
_MOST_REPLAYS = 10
_UNDELIVERED = {("failed_for_good", None), ("suppressed", "address-suppressed")}
"""States, with the reason where only one counts, of what never arrived and may be sent again."""


class Delivery(Struct):
    id: UUID
    recipient_kind: str
    recipient_id: UUID
    channel: str
    window: str
    kinds: list[str]
    state: str
    reason: str | None
    attempts: int
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None

    @property
    def at(self) -> datetime:
        """When it ended, or is due."""
        return self.finished_at or self.due_at or self.created_at

    @property
    def may_go_again(self) -> bool:
        return bool(_UNDELIVERED & {(self.state, None), (self.state, self.reason)})


class News(Struct):
    kind: str
    rules: list[str]
    left_out: str | None


class DeliveryInFull(Delivery, kw_only=True):
    news: list[News]


class Replay(Struct):
    """Who had what sent again: one message, or what had ended in a span of time."""

    at: datetime
    by_person: UUID | None
    delivery_id: UUID | None
    since: datetime | None
    until: datetime | None
    deliveries: int


class Replays(Struct):
    items: list[Replay]


class Deliveries(Struct):
    items: list[Delivery]
    next: str | None = None


def router(door: Door) -> APIRouter:
    """For operators: the service refuses everybody else."""
    routes = APIRouter(prefix="/desk/operations/deliveries", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_deliveries(
        *,
        reader: Reader,
        request: Request,
        state: State = "failed_for_good",
        cursor: Annotated[str | None, Query(max_length=1_000)] = None,
        done: Literal["replayed"] | None = None,
    ) -> Response:
        """Messages in one state, or of all, the newest first, and who had some sent again."""

        async def work(visitor: Visitor) -> Response:
            asked: dict[str, str | int | None] = {"limit": _MOST, "cursor": cursor, "state": state or None}
            found, log = await asyncio.gather(
                visitor.shaped(Deliveries, "notifications", PATH, **asked),
                visitor.shaped(Replays, "notifications", f"{PATH}/replays", limit=_MOST_REPLAYS),
            )
            shown: dict[str, Any] = {"found": found, "state": state, "is_first": cursor is None, "done": done}
            shown["replays"] = log.items
            return page(door, "deliveries.html", visitor, **shown)

        return await door.enter(request, reader, work)

    @routes.api_route("/{message_id}", methods=["GET", "HEAD"])
    async def show_delivery(message_id: UUID, reader: Reader, request: Request) -> Response:
        """One message, its news, and the rules that decided about each."""

        async def work(visitor: Visitor) -> Response:
            found = await visitor.shaped(DeliveryInFull, "notifications", f"{PATH}/{message_id}")
            return page(door, "delivery.html", visitor, delivery=found)

        return await door.enter(request, reader, work)

    @routes.post("/{message_id}", dependencies=[OF_THIS_SITE])
    async def send_again(message_id: UUID, reader: Reader, request: Request) -> Response:
        """Have it sent again; one that arrived meanwhile stays as it is."""

        async def work(visitor: Visitor) -> Response:
            asked = {"delivery_id": str(message_id)}
            answer = await visitor.write("POST", "notifications", f"{PATH}/replay", asked)
            if answer.status >= 400:
                raise NotThere("no operator")
            if not answer.body.get("replayed"):
                return see_other(f"/desk/operations/deliveries/{message_id}", reader)
            return see_other("/desk/operations/deliveries", reader, done="replayed")

        return await door.enter(request, reader, work)

    return routes
